import { act } from "react";
import { describe, expect, it } from "vitest";
import { all, click, type Keyboard, seen, start, until } from "../../testing/app";
import { busyCore, type FakeCore } from "../../testing/fake";

async function open(core: FakeCore): Promise<Keyboard> {
  core.staff = "s3";
  const keys = start(core);
  await click("nav-finance");
  await click("desk-bills");
  await seen("bill-row");
  return keys;
}

/** Puts a file into the choice, as the system's dialog would. */
function choose(name: string, text: string): void {
  const input = all("bill-file")[0] as HTMLInputElement;
  Object.defineProperty(input, "files", { configurable: true, value: [new File([text], name)] });
  act(() => {
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

const states = (): (string | undefined)[] => all("bill-row").map(({ dataset }) => `${dataset.bill} ${dataset.state}`);

describe("bills", () => {
  it("are listed with what is missing and what differs, and opened sum by sum with Enter", async () => {
    const core = busyCore(1);
    const keys = await open(core);
    expect(states()).toEqual(["trade open", "fund_flow open", "trade missing", "trade done", "fund_flow missing", "trade done"]);
    keys.press("Enter");
    await until(() => all("bill-item").length === 2, "the differences");
    expect(all("bill-item").map(({ dataset }) => [dataset.found, dataset.open])).toEqual([
      ["only_provider", "true"],
      ["amount_differs", "false"],
    ]);
    await click("bill-show-all");
    await until(() => all("bill-item").length === 4, "all sums");
    keys.press("Escape");
    await until(() => all("bill-row").length === 6, "the list again");
  });

  it("tell of flows that are no trade's, and what the account held", async () => {
    const core = busyCore(1);
    const keys = await open(core);
    keys.press("ArrowDown");
    await until(() => all("bill-balance")[0]?.textContent?.includes("12,860.50"), "the balance");
    keys.press("Enter");
    await click("bill-show-all");
    await until(() => all("bill-item").some(({ dataset }) => dataset.found === "other"), "the withdrawal");
  });

  it("are fetched by key, and a fund-flow bill waits for its trade bill", async () => {
    const core = busyCore(1);
    const keys = await open(core);
    for (let row = 0; row < 2; row += 1) keys.press("ArrowDown");
    await until(() => document.body.textContent?.includes("还没有这份账单"), "a missing one");
    keys.chord("Ctrl+B");
    await until(() => states()[2] === "trade done", "fetched");
    expect(core.calls.findLast(({ cmd }) => cmd === "bill_fetch")?.input).toMatchObject({ key: { channel: "alipay", bill: "trade" } });
  });

  it("are imported from a file, whose fault is named by line and column", async () => {
    const core = busyCore(1);
    const keys = await open(core);
    for (let row = 0; row < 2; row += 1) keys.press("ArrowDown");
    await until(() => document.body.textContent?.includes("还没有这份账单"), "a missing one");
    choose("notes.doc", "x");
    const refused = await seen("bill-refused");
    expect(refused.textContent).toContain("第 4 行");
    expect(refused.textContent).toContain("订单总金额");
    expect(refused.textContent).toContain("7986.00");
    expect(states()[2]).toBe("trade missing");
    choose("bill.csv", "交易");
    await until(() => states()[2] === "trade done", "imported");
    expect(all("bill-refused")).toHaveLength(0);
    const input = core.calls.findLast(({ cmd }) => cmd === "bill_import")?.input as { name: string; content: string };
    expect(input.name).toBe("bill.csv");
    expect(new TextDecoder().decode(Uint8Array.from(atob(input.content), (one) => one.charCodeAt(0)))).toBe("交易");
  });

  it("need the backend, and say so", async () => {
    const core = busyCore(1);
    core.staff = "s3";
    core.online = false;
    start(core);
    await click("nav-finance");
    await click("desk-bills");
    await until(() => document.body.textContent?.includes("账单在后端"), "offline");
  });
});
