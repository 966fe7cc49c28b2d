import { act } from "react";
import { describe, expect, it } from "vitest";
import { navigate } from "../../app/router";
import { all, click, fill, type Keyboard, seen, start, until } from "../../testing/app";
import { busyCore, type FakeCore } from "../../testing/fake";

async function orders(core = busyCore(12)): Promise<Keyboard> {
  const keys = start(core);
  const nav = await seen("nav-orders");
  act(() => nav.click());
  await until(() => document.activeElement?.getAttribute("data-testid") === "order-row", "focus on a row");
  return keys;
}

/** The list with every order waiting for approval. */
async function waiting(staff: string): Promise<FakeCore> {
  const core = busyCore(12);
  for (const { order } of core.orders.values()) order.order.state = "submitted";
  core.staff = staff;
  await orders(core);
  await seen("order-waits");
  return core;
}

const states = (): (string | undefined)[] => all("order-row").map((row) => row.dataset.paymentState);

describe("orders", () => {
  it("are narrowed by payment state and by text, and say it in words", async () => {
    const keys = await orders();
    expect(new Set(states())).toEqual(new Set(["paid", "unpaid", "partly_paid", "overpaid"]));
    act(() => all("filter-unpaid")[0]?.click());
    await until(() => states().every((state) => state === "unpaid"), "unpaid only");
    keys.press("f", { ctrl: true });
    keys.type("六安");
    await until(() => all("order-row").length > 0 && all("order-row").every((row) => row.textContent?.includes("六安")), "by name");
    expect(all("order-row")[0]?.textContent).toContain("未付");
  });

  it("show what waits beside what is paid, never in it", async () => {
    const keys = await orders();
    keys.press("ArrowDown");
    const state = await until(() => all("order-payment").find((one) => one.textContent?.includes("待核验")), "waiting");
    expect(state.dataset.paymentState).toBe("unpaid");
    expect(all("order-paid")[0]?.dataset.fen).toBe("0");
  });

  it("are asked for in bulk by F9: every row is checked and says what became of it", async () => {
    const core = busyCore(12);
    core.config.config.layouts.order_list.show_online_payment_button = true;
    const keys = await orders(core);
    await seen("online-payment");
    // The first is paid, the next two are not; all three buyers differ.
    for (let row = 0; row < 3; row += 1) {
      keys.press(" ");
      keys.press("ArrowDown");
    }
    keys.press("F9");
    await until(() => all("bulk-row").length === 3, "a result for each");
    expect(core.calls.findLast(({ cmd }) => cmd === "pay_bulk")?.input).toEqual({ orders: ["sample0", "sample1", "sample2"] });
    expect(all("bulk-row").map((row) => row.dataset.refused)).toEqual(["nothing_owed", "", ""]);
    expect(all("bulk-row")[0]?.textContent).toContain("没有未付金额");
    expect(all("bulk-summary")[0]?.textContent).toContain("2 张订单已发起收款，共 2 个二维码");
    await until(() => document.activeElement?.getAttribute("data-testid") === "bulk-row", "focus on a row");
    keys.press("Enter");
    await seen("pay-amount");
    expect(document.querySelector("[role=dialog]")).toBeNull();
  });

  it("show the bulk button whatever the row's conditions say, and not where it does not stand", async () => {
    const core = busyCore(12);
    core.config.config.layouts.order_list.show_online_payment_button = true;
    for (const button of core.config.config.buttons) button.placements = button.placements.filter((place) => place !== "list_bulk");
    const keys = await orders(core);
    await seen("online-payment");
    keys.press(" ");
    await until(() => all("online-payment").length === 0, "no bulk button");
    keys.press("F9");
    expect(core.calls.some(({ cmd }) => cmd === "pay_bulk")).toBe(false);
  });

  it("are changed after they were confirmed; the buyer stays, and the QR that asks is superseded after a warning", async () => {
    const core = busyCore(12);
    core.answers.pay_orders({ orders: ["sample1"], amount_fen: null });
    const keys = await orders(core);
    keys.press("ArrowDown");
    await seen("show-qr");
    await seen("order-edit");
    keys.press("F5");
    await until(() => document.querySelector("[role=dialog]")?.textContent?.includes("旧金额"), "the warning");
    await until(() => document.activeElement?.getAttribute("data-testid") === "edit-go", "focus on the main button");
    keys.press("Enter");
    await seen("confirm");
    expect(all("draft-number")[0]?.textContent).toContain("T07-261122-0032");
    expect(all("confirm")[0]?.textContent).toContain("保存修改");
    keys.press("F3");
    expect(all("distributor-name")).toHaveLength(1);
    keys.press("F12");
    await until(() => core.orders.get("sample1")?.order.order.revision === 2, "a new revision");
    await seen("order-row");
    expect(core.drafts.has("sample1")).toBe(false);
  });

  it("stay as they are when the changes are dropped", async () => {
    const core = busyCore(12);
    const keys = await orders(core);
    keys.press("ArrowDown");
    await seen("order-edit");
    keys.press("F5");
    await seen("confirm");
    const drop = [...document.querySelectorAll("button")].find((one) => one.textContent?.includes("放弃修改"));
    act(() => drop?.click());
    act(() => all("discard-go")[0]?.click());
    await seen("order-row");
    expect(core.orders.get("sample1")?.order.order.revision).toBe(1);
    expect(core.drafts.has("sample1")).toBe(false);
  });

  it("lead back to the QR that is live instead of asking twice", async () => {
    const core = busyCore(12);
    core.answers.pay_orders({ orders: ["sample1"], amount_fen: null });
    const keys = await orders(core);
    keys.press("ArrowDown");
    await seen("show-qr");
    keys.press("F9");
    await seen("pay-state");
    expect(core.calls.some(({ cmd }) => cmd === "pay_orders")).toBe(false);
  });

  it("are paid from the deposit as waiting, not as paid", async () => {
    const core = busyCore(12);
    const keys = await orders(core);
    for (let row = 0; row < 6; row += 1) keys.press("ArrowDown");
    await until(() => all("order-number")[0]?.textContent === "T07-261122-0037", "the seventh");
    keys.press("F8");
    await until(() => document.activeElement?.getAttribute("data-testid") === "deposit-pay", "focus on the main button");
    keys.press("Enter");
    await until(() => all("order-payment")[0]?.textContent?.includes("待核验"), "waiting");
    expect(all("order-payment")[0]?.dataset.paymentState).toBe("partly_paid");
  });

  it("show the one that one comes for, also when it lies pages back", async () => {
    const core = busyCore(130);
    start(core);
    await seen("nav-today");
    act(() => navigate("orders", { order: "sample129" }));
    await until(() => all("order-row").length === 1, "alone in the list");
    await until(() => all("order-number")[0]?.textContent === "T07-261122-0160", "beside it");
  });

  it("are found from anywhere by Ctrl+K", async () => {
    const keys = await orders();
    keys.press("k", { ctrl: true });
    await until(() => document.activeElement?.getAttribute("role") === "combobox", "the palette");
    keys.type("0034");
    await until(() => document.querySelectorAll("[role=option]").length === 1, "one hit");
    keys.press("Enter");
    await until(() => document.querySelector("[role=dialog]") === null && all("order-number")[0]?.textContent === "T07-261122-0034", "opened");
  });

  it("are asked by conditions in the core, kept as a list with a name, and brought back by it", async () => {
    const core = busyCore(12);
    const keys = await orders(core);
    const asked = () => core.calls.findLast(({ cmd }) => cmd === "order_list")?.input;
    keys.press("F3");
    const add = await seen("add-group");
    act(() => add.click());
    await until(() => document.activeElement?.tagName === "SELECT", "focus on the field");
    const value = await until(() => document.querySelector<HTMLInputElement>("[data-testid=condition] input"), "a value");
    act(() => value.focus());
    keys.type("0034");
    const name = await seen("saved-name");
    act(() => name.focus());
    keys.type("三四号");
    keys.press("Enter");
    const conditions = [[{ field_name: "number", operator: "LIKE", field_values: ["0034"] }]];
    await until(() => JSON.stringify(asked()).includes(JSON.stringify(conditions)), "asked of the core");
    expect(core.orderList.saved).toEqual([{ name: "三四号", scenario: "all", conditions }]);
    act(() => all("scenario-mine")[0]?.click());
    await until(() => JSON.stringify(asked()).includes('"scenario":"mine"') && JSON.stringify(asked()).includes('"conditions":[]'), "mine, without conditions");
    act(() => all("scenario-saved:三四号")[0]?.click());
    await until(() => all("refine")[0]?.textContent?.includes("1"), "one condition again");
  });

  it("leave out columns, and are exported as shown, with the file's path in the answer", async () => {
    const core = busyCore(12);
    const keys = await orders(core);
    keys.press("F3");
    const paid = await seen("column-paid");
    act(() => paid.click());
    act(() => all("apply-conditions")[0]?.click());
    await until(() => core.orderList.hidden_columns.includes("paid") && !document.querySelector("[role=columnheader]:nth-child(5)")?.textContent?.includes("已收"), "the column is gone");
    keys.press("e", { ctrl: true });
    await until(() => document.body.textContent?.includes("/data/exports/orders-20261122-104105.csv"), "the path");
    const sent = core.calls.findLast(({ cmd }) => cmd === "order_export")?.input as { columns: { field: string; title: string; words: Record<string, string> }[] };
    expect(sent.columns.map(({ field }) => field)).toEqual(["number", "distributor_name", "ordered_at", "total_fen", "payment_state", "waiting_fen", "state", "pending"]);
    expect(sent.columns.find(({ field }) => field === "payment_state")).toMatchObject({ title: "付款状态", words: { partly_paid: "部分付" } });
  });

  it("that wait for approval are asked no money for, and are not decided by sales", async () => {
    await waiting("s1");
    expect(all("order-approve")).toEqual([]);
    expect(all("detail-payment")).toEqual([]);
    expect(all("order-deposit")).toEqual([]);
  });

  it("that wait for approval are decided by a head of finance", async () => {
    const core = await waiting("s4");
    await click("order-reject");
    await fill("order-reject-reason", "先付旧账");
    await click("order-reject-go");
    await until(() => core.calls.some(({ cmd }) => cmd === "order_reject"), "rejected");
    await until(() => all("order-waits").length === 0, "decided");
  });
});
