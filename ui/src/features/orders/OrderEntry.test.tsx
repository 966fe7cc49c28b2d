import { act } from "react";
import { describe, expect, it } from "vitest";
import { setFieldValue } from "../../app/scanner";
import { all, type Keyboard, seen, start, until } from "../../testing/app";
import { FakeCore } from "../../testing/fake";

const lines = (): string[] => all("line-row").map((row) => `${row.dataset.quantity}×${row.dataset.code}`);
const box = (id: string) => until(() => document.activeElement?.getAttribute("data-testid") === id, `focus on ${id}`);

async function begin(keys: Keyboard): Promise<void> {
  await seen("nav-today");
  keys.press("F2");
  await box("distributor-box");
  keys.type("cdjl");
  keys.press("Enter");
  await box("entry-box");
}

/** Types into the entry box and waits for the line. */
async function enter(keys: Keyboard, text: string, count: number): Promise<void> {
  await box("entry-box");
  keys.type(text);
  keys.press("Enter");
  await until(() => all("line-row").length === count, `line ${count} for ${text}`);
}

describe("order entry by keyboard", () => {
  it("makes an order of five lines and shows its QR in at most 60 keystrokes", async () => {
    const core = new FakeCore();
    const keys = start(core);
    await begin(keys);
    await enter(keys, "1006013", 1);
    keys.scan("6901006051001");
    await until(() => all("line-row").length === 2, "the scanned line");
    await enter(keys, "xlb", 3);
    await enter(keys, "四件套", 4);
    await enter(keys, "5*1009", 5);
    expect(lines()).toEqual(["1×1006013", "1×1006051", "1×1127052", "1×1006002", "5×1009024"]);

    // F7 on the last line: the price, Enter to the discount, typed over.
    keys.press("F7");
    keys.press("Enter");
    keys.type("5%");
    keys.press("Enter");
    const last = all("line-row")[4];
    await until(() => last?.dataset.amountFen === "284525", "five percent off 2995.00");

    const total = (await seen("total")).dataset.fen;
    keys.press("F9");
    const amount = await seen("pay-amount");
    expect(amount.dataset.fen).toBe(total);
    expect((await seen("pay-state")).dataset.state).toBe("presented");
    expect(all("pay-qr")).toHaveLength(1);
    expect(all("pay-check-code")[0]?.textContent).toBe("4827");
    expect(keys.strokes).toBeLessThanOrEqual(60);
  });

  it("puts a scan into the order from a quantity cell, and never into the cell", async () => {
    const keys = start(new FakeCore());
    await begin(keys);
    await enter(keys, "1006013", 1);
    keys.press("F6");
    await until(() => document.activeElement?.getAttribute("inputmode") === "decimal", "the quantity editor");
    keys.scan("6901006051001");
    await until(() => all("line-row").length === 2, "the scanned line");
    expect(lines()).toEqual(["1×1006013", "1×1006051"]);
  });

  it("takes a burst that is no product's code back to the box it was typed in", async () => {
    const keys = start(new FakeCore());
    await seen("nav-today");
    keys.press("F2");
    await box("distributor-box");
    keys.scan("cqyzbh");
    await until(() => all("distributor-name")[0]?.textContent === "重庆渝中百货", "the distributor");
    await box("entry-box");
    keys.scan("690999");
    await until(() => document.querySelector("[role=alert]")?.textContent?.includes("690999"), "the unknown barcode said");
    expect(lines()).toEqual([]);
  });

  it("an Enter of an input method picks nothing", async () => {
    const core = new FakeCore();
    const keys = start(core);
    await begin(keys);
    keys.type("双宫");
    await until(() => document.querySelectorAll("[role=option]").length === 1, "the hit");
    keys.press("Enter", { ime: "chromium" });
    keys.press("Enter", { ime: "webkit" });
    expect(core.calls.some(({ input }) => (input as { edit?: string }).edit === "add_line")).toBe(false);
  });

  it("changes a quantity, doubles, removes and takes back by key", async () => {
    const keys = start(new FakeCore());
    await begin(keys);
    await enter(keys, "1006013", 1);
    keys.press("F6");
    const editor = document.activeElement as HTMLInputElement;
    // Selected whole, so that typing replaces it.
    expect([editor.selectionStart, editor.selectionEnd]).toEqual([0, 1]);
    act(() => setFieldValue(editor, "", 0));
    keys.type("12");
    keys.press("Enter");
    await box("entry-box");
    await until(() => lines()[0] === "12×1006013", "twelve");
    keys.press("d", { ctrl: true });
    await until(() => lines().length === 2, "doubled");
    keys.press("Delete", { ctrl: true });
    await until(() => lines().length === 1, "removed");
    keys.press("z", { ctrl: true });
    await until(() => lines().length === 2, "taken back");
  });

  it("pays from the reserve and asks for the rest by QR in the same step", async () => {
    const core = new FakeCore();
    const keys = start(core);
    await begin(keys);
    await enter(keys, "8*1006013", 1);
    await until(() => all("strip-deposit")[0]?.dataset.reserveFen === "300000", "the reserve");
    keys.press("F8");
    await box("deposit-pay");
    keys.press("Enter");
    expect((await seen("pay-amount")).dataset.fen).toBe("259200");
    expect(core.collections[0]?.collection).toMatchObject({ method: "deposit", amount_fen: "300000", state: "under_review" });
  });

  it("says what is missing instead of submitting", async () => {
    const keys = start(new FakeCore());
    await seen("nav-today");
    keys.press("F2");
    await box("distributor-box");
    keys.press("F4");
    await enter(keys, "1006013", 1);
    keys.press("F9");
    await until(() => document.querySelector("[role=alert]")?.textContent?.includes("F3"), "that no distributor is chosen");
    expect(all("pay-state")).toHaveLength(0);
  });
});
