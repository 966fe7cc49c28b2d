import { act } from "react";
import { describe, expect, it } from "vitest";
import { all, type Keyboard, seen, start, until } from "../../testing/app";
import { busyCore, type FakeCore } from "../../testing/fake";
import { looseMoney } from "../../testing/matches";

async function desk(staff: string, tab: string): Promise<{ core: FakeCore; keys: Keyboard }> {
  const core = busyCore(12);
  looseMoney(core);
  core.staff = staff;
  const keys = start(core);
  const nav = await seen("nav-finance");
  act(() => nav.click());
  const button = await seen(`desk-${tab}`);
  act(() => button.click());
  return { core, keys };
}

const field = async (id: string): Promise<HTMLInputElement> => {
  const input = (await seen(id)) as HTMLInputElement;
  act(() => input.focus());
  return input;
};
const proposals = (core: FakeCore): unknown[] => core.calls.filter(({ cmd }) => cmd === "match_propose").map(({ input }) => input);

describe("money without a home", () => {
  it("is proposed for open orders, oldest first, only with grounds, and then waits", async () => {
    const { core, keys } = await desk("s3", "money");
    await seen("money-place");
    keys.press("M", { ctrl: true });
    await until(() => all("match-part").length > 0, "open orders");
    await field("match-reason");
    keys.press("Enter");
    expect(proposals(core)).toEqual([]);
    keys.type("wrong order");
    keys.press("Enter");
    await until(() => all("money-row")[0]?.dataset.waiting === "true", "it waits");
    const [input] = proposals(core) as [{ allocations: { amount_fen: string }[]; amount_fen: string }];
    const sum = input.allocations.reduce((total, part) => total + BigInt(part.amount_fen), 0n);
    expect(input).toMatchObject({ from: { kind: "unapplied", collection: "late1" }, to: "orders", distributor: "d1" });
    expect(input.amount_fen).toBe(sum.toString());
    expect(all("money-place")).toHaveLength(0);
  });

  it("goes to the deposit in part, never more than there is", async () => {
    const { core, keys } = await desk("s3", "money");
    await seen("money-place");
    keys.press("M", { ctrl: true });
    const deposit = await seen("match-to-deposit");
    act(() => deposit.click());
    await field("match-amount");
    keys.type("99999999");
    await field("match-reason");
    keys.type("x");
    keys.press("Enter");
    expect(proposals(core)).toEqual([]);
  });

  it("of nobody's asks whose it is and shows the channel's proof", async () => {
    const { core, keys } = await desk("s3", "money");
    await seen("money-place");
    keys.press("ArrowDown");
    await until(() => all("evidence-provider")[0]?.textContent?.includes("8102"), "the proof");
    keys.press("M", { ctrl: true });
    const box = await field("distributor-box");
    expect(box).toBe(document.activeElement);
    keys.type("cqyz");
    await until(() => document.querySelector("[role=option]"), "a hit");
    keys.press("Enter");
    await seen("match-distributor");
    const unapplied = await seen("match-to-unapplied");
    act(() => unapplied.click());
    await field("match-reason");
    keys.type("x");
    keys.press("Enter");
    await until(() => proposals(core).length === 1, "proposed");
    expect(proposals(core)[0]).toMatchObject({ to: "unapplied", distributor: "d2", amount_fen: "128000" });
  });

  it("that is held is freed by a lead alone, with a reason", async () => {
    const { core, keys } = await desk("s4", "money");
    await until(() => all("money-row").length === 4, "rows");
    expect(all("money-place")).toHaveLength(0);
    keys.press("ArrowDown");
    keys.press("ArrowDown");
    await seen("money-place");
    keys.press("M", { ctrl: true });
    await field("free-reason");
    keys.press("Enter");
    expect(core.calls.some(({ cmd }) => cmd === "held_money_free")).toBe(false);
    keys.type("terminal lost");
    keys.press("Enter");
    await until(() => core.calls.some(({ cmd, input }) => cmd === "held_money_free" && (input as { distributor: string }).distributor === "d1"), "freed");
  });

  it("is approved by somebody else, and it is money only when the backend says so", async () => {
    const core = busyCore(12);
    looseMoney(core);
    core.staff = "s3";
    core.answers.match_propose({ from: { kind: "unapplied", collection: "late1" }, to: "deposit", distributor: "d1", allocations: [], amount_fen: "100", reason: "x" });
    core.staff = "s4";
    const keys = start(core);
    const nav = await seen("nav-finance");
    act(() => nav.click());
    const tab = await seen("desk-money");
    act(() => tab.click());
    const waiting = await seen("money-scope-waiting");
    act(() => waiting.click());
    await seen("match-approve");
    keys.press("F12");
    await until(() => all("match-row")[0]?.dataset.deciding === "confirm", "deciding");
    expect(all("match-row")[0]?.dataset.state).toBe("proposed");
    expect(all("match-approve")).toHaveLength(0);
  });

  it("is never approved by who proposed it", async () => {
    const core = busyCore(12);
    looseMoney(core);
    core.staff = "s4";
    core.answers.match_propose({ from: { kind: "unapplied", collection: "late1" }, to: "deposit", distributor: "d1", allocations: [], amount_fen: "100", reason: "x" });
    start(core);
    const nav = await seen("nav-finance");
    act(() => nav.click());
    const tab = await seen("desk-money");
    act(() => tab.click());
    const waiting = await seen("money-scope-waiting");
    act(() => waiting.click());
    await until(() => document.body.textContent?.includes("提议人不能批准"), "why not");
    expect(all("match-approve")).toHaveLength(0);
  });
});

describe("an item to look at", () => {
  it("says its cause, offers to place its money, and can't be closed before", async () => {
    const { keys } = await desk("s3", "attention");
    await seen("money-place");
    expect(document.body.textContent).toContain("收款码过期后才付到");
    expect(document.body.textContent).toContain("处理完才能关闭");
    expect(all("item-close")).toHaveLength(0);
    keys.press("M", { ctrl: true });
    await seen("match-reason");
  });

  it("of a bill is closed by key with a reason, and waits for the backend", async () => {
    const { core, keys } = await desk("s3", "attention");
    await until(() => all("item-row").length === 4, "items");
    keys.press("End");
    await seen("item-close");
    keys.press("G", { ctrl: true });
    await field("item-close-reason");
    keys.press("Enter");
    expect(core.calls.some(({ cmd }) => cmd === "attention_close")).toBe(false);
    keys.type("checked");
    keys.press("Enter");
    await until(() => all("item-row")[3]?.dataset.closing === "true", "closing");
    expect(core.calls.find(({ cmd }) => cmd === "attention_close")?.input).toEqual({ attention: "a4", reason: "checked" });
    expect(all("item-close")).toHaveLength(0);
  });
});
