import { act } from "react";
import { describe, expect, it } from "vitest";
import { navigate } from "../../app/router";
import { all, type Keyboard, seen, start, until } from "../../testing/app";
import { busyCore } from "../../testing/fake";

async function orders(core = busyCore(12)): Promise<Keyboard> {
  const keys = start(core);
  const nav = await seen("nav-orders");
  act(() => nav.click());
  await until(() => document.activeElement?.getAttribute("data-testid") === "order-row", "focus on a row");
  return keys;
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

  it("are asked for in bulk, checked row by row, each with its own result", async () => {
    const core = busyCore(12);
    core.config.config.layouts.order_list.show_online_payment_button = true;
    const keys = await orders(core);
    const bulk = await seen("bulk-payment");
    // It always shows; without marks it says what to do.
    act(() => bulk.click());
    await until(() => document.querySelector("[role=alert]")?.textContent?.includes("选中"), "told in words");
    for (let row = 0; row < 3; row += 1) {
      keys.press("ArrowDown");
      keys.press(" ");
    }
    await until(() => bulk.textContent?.includes("（3）"), "three marked");
    keys.press("F9");
    await until(() => all("bulk-row").length === 3, "a result for each");
    const outcomes = all("bulk-row").map((row) => row.dataset.outcome);
    expect(outcomes).toContain("asked");
    // One QR for each distributor.
    const asked = core.calls.filter(({ cmd }) => cmd === "pay_orders");
    const distributors = new Set(asked.flatMap(({ input }) => (input as { orders: string[] }).orders).map((id) => core.orders.get(id)?.order.order.content.distributor));
    expect(asked).toHaveLength(distributors.size);
    expect(all("bulk-open")).toHaveLength(distributors.size);
    act(() => all("bulk-open").at(-1)?.click());
    await seen("pay-amount");
  });

  it("that do not meet the button's conditions are named, and the others are still asked for", async () => {
    const core = busyCore(12);
    core.config.config.layouts.order_list.show_online_payment_button = true;
    const { buttons } = core.answers;
    core.answers.buttons = (input) => {
      const view = buttons(input);
      return { ...view, orders: view.orders.map((one, at) => (at === 0 ? { ...one, buttons: [] } : one)) };
    };
    const keys = await orders(core);
    await seen("bulk-payment");
    keys.press("ArrowDown");
    keys.press(" ");
    keys.press("ArrowDown");
    keys.press(" ");
    keys.press("F9");
    await until(() => all("bulk-row").length === 2, "a result for each");
    expect(all("bulk-row")[0]?.dataset.outcome).toBe("hidden");
    expect(all("bulk-row")[0]?.textContent).toContain("显示条件");
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
});
