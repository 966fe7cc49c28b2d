import { act } from "react";
import { describe, expect, it } from "vitest";
import { navigate } from "../../app/router";
import { all, type Keyboard, seen, start, until } from "../../testing/app";
import { FakeCore, busyCore } from "../../testing/fake";

async function open(core: FakeCore): Promise<Keyboard> {
  core.staff = "s5";
  const keys = start(core);
  (await seen("nav-console")).focus();
  keys.press("Enter");
  await seen("menu-path");
  return keys;
}

const section = (name: string): void => act(() => all(`console-${name}`)[0]?.click());
const click = async (id: string): Promise<void> => {
  const one = await seen(id);
  act(() => one.click());
};
const savedInput = (core: FakeCore) => core.calls.findLast(({ cmd }) => cmd === "config_change")?.input as { on: number; config: FakeCore["config"]["config"] } | undefined;

describe("the administrator's console", () => {
  it("is there for an administrator and for nobody else", async () => {
    start(new FakeCore());
    await seen("nav-orders");
    expect(all("nav-console")).toHaveLength(0);
  });

  it("begins with the checklist, which says what is done and where the rest is mended", async () => {
    await open(new FakeCore());
    const state = (id: string) => all(`setup-${id}`)[0]?.dataset.done;
    expect(["wallet", "mini", "enable", "layout", "list"].map(state)).toEqual(["true", "not_needed", "true", "false", "false"]);
    const link = all("setup-list")[0]?.querySelector("button");
    act(() => link?.click());
    await seen("layout-list-button");
    expect(all("menu-path")[0]?.textContent).toBe("管理后台 › 布局");
  });

  it("saves what was changed with F12 on the version that was looked at, and shows its date", async () => {
    const core = new FakeCore();
    const keys = await open(core);
    section("layouts");
    await click("layout-list-button");
    await click("layout-order_create-visible");
    keys.press("F12");
    await until(() => all("config-date")[0]?.dataset.version === "2", "version 2");
    const input = savedInput(core);
    expect(input?.on).toBe(1);
    expect(input?.config.layouts.order_list.show_online_payment_button).toBe(true);
    expect(input?.config.layouts.order_create.visible).toBe(true);
    expect(all("config-date")[0]?.textContent).toContain("第 2 版");
    expect(all("config-date")[0]?.textContent).toContain("管理员");
  });

  it("builds conditions from the fields and operators that the core gives", async () => {
    const core = new FakeCore();
    const keys = await open(core);
    section("buttons");
    // Until the core has said which fields there are, there is nothing to add.
    await until(() => {
      act(() => all("add-group")[0]?.click());
      return all("condition").length === 1;
    }, "a condition");
    const values = document.querySelector('[data-at="0.0"] input') as HTMLInputElement;
    act(() => {
      const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
      set?.call(values, "T07");
      values.dispatchEvent(new Event("input", { bubbles: true }));
    });
    keys.press("F12");
    await until(() => core.configs.length === 2, "saved");
    expect(core.config.config.buttons[0]?.conditions).toEqual([[{ field_name: "number", operator: "LIKE", field_values: ["T07"] }]]);
    act(() => document.querySelector<HTMLElement>('[data-at="0.0"] > button:last-child')?.click());
    keys.press("F12");
    await until(() => core.configs.length === 3, "saved again");
    expect(core.config.config.buttons[0]?.conditions).toEqual([]);
  });

  it("says by name what the core refuses, and keeps what was typed", async () => {
    const core = new FakeCore();
    const keys = await open(core);
    section("buttons");
    for (const place of ["detail", "list_row", "list_bulk", "create"]) await click(`placement-${place}`);
    keys.press("F12");
    await until(() => document.querySelector("[role=alert]")?.textContent?.includes("按钮至少要有一个位置"), "in words");
    expect(core.configs).toHaveLength(1);
    expect((all("placement-detail")[0] as HTMLInputElement).checked).toBe(false);
  });

  it("shows both versions when another administrator was first, and saves mine on theirs", async () => {
    const core = new FakeCore();
    const keys = await open(core);
    section("layouts");
    await click("layout-list-button");
    const theirs = structuredClone(core.config);
    theirs.config.intent_lifetime_s = 600;
    core.configs.push({ ...theirs, version: 2, author: "s4" });
    keys.press("F12");
    await until(() => core.calls.some(({ cmd }) => cmd === "config_change"), "sent");
    core.poke("config");
    await seen("take-mine");
    const rows = await until(() => (all("difference").length === 2 ? all("difference") : null), "two differences");
    expect(rows.map((row) => [row.dataset.before, row.dataset.after])).toEqual([
      ["10", "15"],
      ["关", "开"],
    ]);
    await click("take-mine");
    await until(() => core.config.version === 3, "on theirs");
    expect(savedInput(core)?.on).toBe(2);
  });

  it("says that a change waits while the backend is out of reach, and what is in force", async () => {
    const core = new FakeCore();
    core.online = false;
    const keys = await open(core);
    section("documents");
    await click("enable-online-payment");
    keys.press("F12");
    await until(() => document.body.textContent?.includes("等后端裁定"), "waits");
    expect(all("config-date")[0]?.dataset.version).toBe("1");
    expect(all("enable-online-payment")[0]?.getAttribute("aria-checked")).toBe("true");
  });

  it("lists what is being asked for before online payment goes off, and asks once more", async () => {
    const core = busyCore(12);
    core.answers.pay_orders({ orders: ["sample1"], amount_fen: null });
    const keys = await open(core);
    section("documents");
    await click("enable-online-payment");
    keys.press("F12");
    await until(() => all("live-ask").length === 1, "the list");
    expect(document.querySelector("[role=dialog]")?.textContent).toContain("1 笔收款正在进行");
    expect(all("live-ask")[0]?.textContent).toContain("T07-261122-0032");
    expect(core.configs).toHaveLength(1);
    keys.press("Escape");
    await until(() => document.querySelector("[role=dialog]") === null, "back");
    keys.press("F12");
    await click("asks-save");
    await until(() => core.configs.length === 2, "saved");
    expect(core.config.config.online_payment_enabled).toBe(false);
  });

  it("restores an old version as a new one", async () => {
    const core = new FakeCore();
    const second = structuredClone(core.config);
    second.config.layouts.order_list.show_online_payment_button = true;
    core.configs.push({ ...second, version: 2, author: "s5" });
    const keys = await open(core);
    section("history");
    await until(() => all("config-version").length === 2, "two versions");
    await until(() => document.activeElement?.getAttribute("role") === "grid" || document.activeElement?.closest("[role=grid]"), "the grid");
    keys.press("ArrowDown");
    await click("restore");
    await until(() => core.config.version === 3, "restored");
    expect(core.config.config.layouts.order_list.show_online_payment_button).toBe(false);
  });
});

describe("the Online Payment button of the order list", () => {
  it("stands there only when switched on, with its configured label; the order's own is there at once", async () => {
    const core = busyCore(12);
    const keys = start(core);
    await seen("nav-today");
    act(() => navigate("orders", {}));
    await until(() => all("order-row").length > 0, "rows");
    keys.press("ArrowDown");
    await seen("detail-payment");
    expect(all("online-payment")).toHaveLength(0);
    const on = structuredClone(core.config);
    on.config.layouts.order_list.show_online_payment_button = true;
    on.config.buttons = on.config.buttons.map((button) => ({ ...button, label_zh: "收线上款" }));
    core.configs.push({ ...on, version: 2 });
    core.poke("config");
    expect((await seen("online-payment")).textContent).toContain("收线上款");
  });
});

describe("a payment collection", () => {
  it("is paid online by its two buttons once that is switched on, and by none before", async () => {
    const core = busyCore(12);
    start(core);
    await seen("nav-today");
    act(() => navigate("collection-entry", { order: "sample1", distributor: "d2" }));
    await until(() => all("allocation-row").length > 0, "allocated");
    expect(all("collection-qr_code_payment")).toHaveLength(0);
    const on = structuredClone(core.config);
    on.config.collection_online_payment_enabled = true;
    core.configs.push({ ...on, version: 2 });
    core.poke("config");
    const online = await seen("method-online");
    act(() => online.click());
    const qr = (await seen("collection-qr_code_payment")) as HTMLButtonElement;
    expect(all("collection-online_payment")).toHaveLength(1);
    act(() => qr.click());
    await seen("pay-amount");
    expect(core.calls.some(({ cmd }) => cmd === "pay_collection")).toBe(true);
    expect(core.calls.some(({ cmd }) => cmd === "collection_record")).toBe(false);
  });
});

describe("Payment Method in order entry", () => {
  it("is there when the layout shows it, and only then", async () => {
    const core = new FakeCore();
    const keys = start(core);
    await seen("nav-today");
    keys.press("F2");
    await seen("remark");
    expect(document.body.textContent).not.toContain("付款方式");
    const on = structuredClone(core.config);
    on.config.layouts.order_create = { visible: true, required: true, readonly: false };
    core.configs.push({ ...on, version: 2 });
    core.poke("config");
    await until(() => [...document.querySelectorAll("label")].find((one) => one.textContent?.startsWith("付款方式")), "the field");
  });
});
