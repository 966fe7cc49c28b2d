import { act } from "react";
import { describe, expect, it } from "vitest";
import { navigate } from "../../app/router";
import { all, seen, start, until } from "../../testing/app";
import { busyCore, type FakeCore } from "../../testing/fake";
import { allocated, favour } from "./allocate";

function withCash(): FakeCore {
  const core = busyCore(12);
  core.answers.collection_record({ distributor: "d2", purpose: "order_payment", method: "cash", amount_fen: "20000", allocations: [], note: "" });
  return core;
}

describe("finance's desk", () => {
  it("confirms by key what somebody else recorded; it is money only when the backend says so", async () => {
    const core = withCash();
    core.staff = "s3";
    const keys = start(core);
    const nav = await seen("nav-finance");
    act(() => nav.click());
    await seen("collection-confirm");
    expect(all("collection-row")[0]?.dataset.state).toBe("under_review");
    keys.press("F12");
    await until(() => all("collection-row")[0]?.dataset.deciding === "confirm", "deciding");
    expect(all("collection-row")[0]?.dataset.state).toBe("under_review");
    expect(all("collection-confirm")).toHaveLength(0);
  });

  it("rejects only with a reason", async () => {
    const core = withCash();
    core.staff = "s3";
    const keys = start(core);
    const nav = await seen("nav-finance");
    act(() => nav.click());
    await seen("collection-reject");
    keys.press("Delete", { ctrl: true });
    const reason = (await seen("collection-reject-reason")) as HTMLInputElement;
    act(() => reason.focus());
    keys.press("Enter");
    expect(core.calls.some(({ cmd }) => cmd === "collection_reject")).toBe(false);
    keys.type("no money");
    keys.press("Enter");
    await until(() => core.calls.some(({ cmd }) => cmd === "collection_reject"), "rejected");
  });

  it("offers no decision on one's own entry, and none to sales", async () => {
    const core = withCash();
    core.staff = "s3";
    core.answers.collection_record({ distributor: "d1", purpose: "other", method: "cheque", amount_fen: "500", allocations: [], note: "" });
    start(core);
    const nav = await seen("nav-finance");
    act(() => nav.click());
    await until(() => all("collection-row").length === 2, "both");
    await until(() => document.body.textContent?.includes("登记人不能确认"), "why not");
    expect(all("collection-confirm")).toHaveLength(0);
  });

  it("isn't there for sales", async () => {
    start(withCash());
    await seen("nav-collections");
    expect(all("nav-finance")).toHaveLength(0);
  });
});

describe("recording a collection", () => {
  it("falls on the open orders oldest first, and a part can be changed", async () => {
    const core = busyCore();
    const keys = start(core);
    await seen("nav-today");
    act(() => navigate("collection-entry", { distributor: "d2" }));
    const amount = (await seen("collection-amount")) as HTMLInputElement;
    act(() => amount.focus());
    keys.type("500");
    await until(() => all("allocation-row").length > 0 && all("collection-rest")[0]?.dataset.fen === "0", "allocated");
    const [first] = all("allocation-row");
    expect(first?.dataset.amountFen).toBe("41600");
    // Leave 16 yuan of it for finance to place.
    const cell = [...(first?.querySelectorAll<HTMLElement>("[role=gridcell]") ?? [])].at(-1);
    act(() => cell?.click());
    keys.type("4");
    keys.type("00");
    keys.press("Enter");
    await until(() => all("collection-rest")[0]?.dataset.fen === "1600", "the rest");
    keys.press("F12");
    await seen("collection-row");
    expect(core.collections[0]?.collection).toMatchObject({ method: "cash", amount_fen: "50000", state: "under_review" });
    expect(core.collections[0]?.collection.allocations.map(({ amount_fen }) => amount_fen)).toEqual(["40000", "8400"]);
  });

  it("online turns Save into Pay: the QR here, or the link to send", async () => {
    const core = busyCore();
    core.config.config.collection_online_payment_enabled = true;
    const keys = start(core);
    await seen("nav-today");
    act(() => navigate("collection-entry", { distributor: "d2" }));
    const amount = (await seen("collection-amount")) as HTMLInputElement;
    act(() => amount.focus());
    keys.type("500");
    await until(() => all("collection-rest")[0]?.dataset.fen === "0", "allocated");
    await seen("collection-save");
    expect(all("collection-qr_code_payment")).toHaveLength(0);
    const online = await seen("method-online");
    act(() => online.click());
    await seen("collection-qr_code_payment");
    expect(all("collection-save")).toHaveLength(0);
    expect(all("collection-note")).toHaveLength(0);
    const link = await seen("collection-online_payment");
    act(() => link.click());
    const message = await seen("pay-message");
    expect(message.textContent).toContain("http://127.0.0.1/p/");
    expect(message.textContent).toContain("4827");
    expect(core.calls.some(({ cmd }) => cmd === "display_show")).toBe(false);
    const asked = core.calls.findLast(({ cmd }) => cmd === "pay_collection")?.input as { amount_fen: string; allocations: { amount_fen: string }[] };
    expect(asked.allocations.map((part) => part.amount_fen)).toEqual(["41600", "8400"]);
    act(() => all("pay-open-link")[0]?.click());
    await until(() => core.calls.some(({ cmd }) => cmd === "open_link"), "opened");
    act(() => all("pay-by-qr")[0]?.click());
    await seen("pay-qr");
    await until(() => core.calls.some(({ cmd }) => cmd === "display_show"), "on the customer window");
    expect(core.collections.some(({ collection }) => collection.recorded_by === "s1")).toBe(false);
  });

  it("tops a deposit up from the distributor's page: no allocations, and Pay by key", async () => {
    const core = busyCore();
    core.config.config.collection_online_payment_enabled = true;
    const keys = start(core);
    await seen("nav-today");
    act(() => navigate("distributors", { distributor: "d2" }));
    const topUp = await seen("distributor-topup");
    act(() => topUp.click());
    const amount = (await seen("collection-amount")) as HTMLInputElement;
    await seen("collection-qr_code_payment");
    act(() => amount.focus());
    keys.type("300");
    expect(all("allocation-row")).toHaveLength(0);
    keys.press("F12");
    await seen("pay-qr");
    expect(core.calls.findLast(({ cmd }) => cmd === "pay_collection")?.input).toEqual({ distributor: "d2", purpose: "prepaid_deposit", amount_fen: "30000", allocations: [] });
  });

  it("never sums wrong and never hides too much", () => {
    const row = (order: string, owed_fen: string, amount_fen: string) => ({ order, number: order, ordered_at: 0, owed_fen, waiting_fen: "0", amount_fen });
    const rows = [row("a", "300", "300"), row("b", "500", "200")];
    expect(allocated("500", rows, {}).rest).toBe("0");
    expect(allocated("500", rows, { a: "0" }).rest).toBe("300");
    expect(allocated("500", rows, { b: "900" }).rest).toBe("-700");
    expect(favour("500", rows, "b")).toEqual({ b: "500", a: "0" });
    expect(favour("700", rows, "b")).toEqual({ b: "500", a: "200" });
    expect(favour("700", rows, "elsewhere")).toEqual({});
  });
});
