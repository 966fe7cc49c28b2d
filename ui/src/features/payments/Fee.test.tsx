import { act } from "react";
import { describe, expect, it } from "vitest";
import { navigate } from "../../app/router";
import { seen, start } from "../../testing/app";
import { busyCore, type FakeCore } from "../../testing/fake";

/** An order that was paid by QR; the core, and the order's id. */
function paid(): { core: FakeCore; order: string } {
  const core = busyCore(3);
  const [first] = [...core.orders.values()].filter(({ order }) => order.owed_fen !== "0");
  if (first === undefined) throw new Error("no open order");
  const order = first.order.order.id;
  core.settle(core.answers.pay_orders({ orders: [order], amount_fen: null }).intent.intent.id);
  return { core, order };
}

const noted = (core: FakeCore): void => {
  core.config.config.fees = { wechat_pay: { rate: 60, source: "合同 7", date: "2026-11-28" }, alipay: null };
};

describe("what a channel keeps", () => {
  it("is unknown while nobody has noted a rate", async () => {
    const { core } = paid();
    start(core);
    const nav = await seen("nav-collections");
    act(() => nav.click());
    const fee = await seen("payment-fee");
    expect(fee.dataset.known).toBe("unknown");
    expect(fee.textContent).not.toMatch(/\d/u);
  });

  it("is an estimate with rate, source and day beside an order's payment until the bill comes", async () => {
    const { core, order } = paid();
    noted(core);
    start(core);
    await seen("nav-today");
    act(() => navigate("orders", { order }));
    const fee = await seen("payment-fee");
    expect(fee.dataset.known).toBe("estimated");
    for (const part of ["估算", "0.60 %", "合同 7", "2026-11-28"]) expect(fee.textContent).toContain(part);
    const gross = BigInt(core.orders.get(order)?.transaction_records[0]?.gross_fen ?? "0");
    expect(fee.dataset.fen).toBe(String((gross * 60n + 5_000n) / 10_000n));
  });

  it("is what the bill says once it says it", async () => {
    const { core } = paid();
    noted(core);
    for (const { transaction_record } of core.intents.values()) Object.assign(transaction_record ?? {}, { fee_fen: "55" });
    start(core);
    const nav = await seen("nav-collections");
    act(() => nav.click());
    const fee = await seen("payment-fee");
    expect(fee.dataset.known).toBe("billed");
    expect(fee.textContent).toContain("0.55");
    expect(fee.textContent).not.toContain("估算");
  });
});
