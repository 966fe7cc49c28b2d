import { act } from "react";
import { describe, expect, it } from "vitest";
import { setFieldValue } from "../../app/scanner";
import { all, seen, start, until } from "../../testing/app";
import { busyCore, type FakeCore } from "../../testing/fake";

/** An order that was paid by QR. */
function withPaid(): FakeCore {
  const core = busyCore(3);
  const [first] = [...core.orders.values()].filter(({ order }) => order.owed_fen !== "0");
  if (first === undefined) throw new Error("no open order");
  const view = core.answers.pay_orders({ orders: [first.order.order.id], amount_fen: null });
  core.settle(view.intent.intent.id);
  return core;
}

/** What Ctrl+A and Delete do in a field, which this DOM leaves out. */
function clear(field: HTMLInputElement): void {
  act(() => setFieldValue(field, "", 0));
}

describe("refunds", () => {
  it("are asked for by key from a confirmed online collection, with a reason and within what is there", async () => {
    const core = withPaid();
    const keys = start(core);
    const nav = await seen("nav-collections");
    act(() => nav.click());
    await seen("collection-refund");
    keys.press("R", { ctrl: true });
    const amount = (await seen("refund-amount")) as HTMLInputElement;
    act(() => amount.focus());
    keys.press("Enter");
    expect(core.calls.some(({ cmd }) => cmd === "refund_request")).toBe(false);
    const reason = (await seen("refund-reason")) as HTMLInputElement;
    act(() => reason.focus());
    keys.type("returned");
    act(() => amount.focus());
    clear(amount);
    keys.type("99999999");
    keys.press("Enter");
    expect(core.calls.some(({ cmd }) => cmd === "refund_request")).toBe(false);
    clear(amount);
    keys.type("1");
    keys.press("Enter");
    await until(() => core.refunds.length === 1, "asked");
    expect(core.refunds[0]?.refund).toMatchObject({ from: "allocations", amount_fen: "100", reason: "returned", state: "requested" });
  });

  it("are approved on finance's desk by somebody else, and wait for the backend", async () => {
    const core = withPaid();
    const [order] = core.collections[0]?.collection.allocations ?? [];
    core.answers.refund_request({ transaction_record: "r1", from: "allocations", allocations: order === undefined ? [] : [order], amount_fen: "100", reason: "x" });
    core.staff = "s3";
    const keys = start(core);
    const nav = await seen("nav-finance");
    act(() => nav.click());
    const tab = await seen("desk-refunds");
    act(() => tab.click());
    await seen("refund-approve");
    keys.press("F12");
    await until(() => all("refund-row")[0]?.dataset.deciding === "confirm", "deciding");
    expect(all("refund-row")[0]?.dataset.state).toBe("requested");
    expect(all("refund-approve")).toHaveLength(0);
  });

  it("are never approved by who asked", async () => {
    const core = withPaid();
    core.staff = "s3";
    core.answers.refund_request({ transaction_record: "r1", from: "unapplied", allocations: [], amount_fen: "100", reason: "x" });
    start(core);
    const nav = await seen("nav-finance");
    act(() => nav.click());
    const tab = await seen("desk-refunds");
    act(() => tab.click());
    await until(() => document.body.textContent?.includes("申请人不能批准"), "why not");
    expect(all("refund-approve")).toHaveLength(0);
  });
});
