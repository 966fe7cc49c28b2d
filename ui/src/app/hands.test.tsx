/// Input methods and hand scanners on every page there is: an Enter that only chooses a candidate does
/// nothing anywhere, and a scan reaches its place whatever has the focus.
import { act } from "react";
import { describe, expect, it } from "vitest";
import { commands } from "../api/generated";
import { all, quiet, seen, until, visit } from "../testing/app";
import type { FakeCore } from "../testing/fake";
import { PAGES } from "../testing/pages";
import { currentRoute } from "./router";

const FIELDS = "input:not([type=radio]):not([type=checkbox]):not([type=file]), textarea";
const fields = (): HTMLInputElement[] => [...document.querySelectorAll<HTMLInputElement>(FIELDS)].filter((one) => !one.disabled);

/** What an Enter may have done: something written, somewhere else, or a dialog gone. */
const standing = (core: FakeCore): string =>
  JSON.stringify([
    core.calls.filter(({ cmd }) => cmd in commands && commands[cmd as keyof typeof commands].writes),
    currentRoute(),
    document.querySelectorAll("[role=dialog]").length,
    document.querySelectorAll("[role=alert]").length,
  ]);

const staffed = PAGES.filter(({ query }) => !query.startsWith("customer="));

describe("an Enter of an input method", () => {
  it.each(staffed)("does nothing in any field of $name", async ({ query, steps }) => {
    const { core, keys } = await visit(query);
    await keys.follow(steps ?? []);
    await quiet(core);
    for (const field of fields()) {
      act(() => field.focus());
      keys.type("1");
      await quiet(core);
      const before = standing(core);
      keys.press("Enter", { ime: "chromium" });
      keys.press("Enter", { ime: "webkit" });
      await quiet(core);
      expect(standing(core), `${field.dataset.testid} ${field.getAttribute("aria-label")}`).toBe(before);
    }
  });

  it("is tried in fields that a real Enter does leave", async () => {
    const { core, keys } = await visit("staff=s1&screen=collection-entry");
    await keys.follow([{ click: "collection-amount" }, { type: "1" }]);
    const before = standing(core);
    keys.press("Enter");
    await quiet(core);
    expect(standing(core)).not.toBe(before);
  });
});

const FOCUSABLE = 'input, textarea, select, button, [tabindex="0"], [role=combobox]';

/** Scans once from each place that can have the focus; a place that is gone by then is passed over. */
async function fromAnywhere(core: FakeCore, scan: (nth: number, from: string) => Promise<void>): Promise<number> {
  const places = document.querySelectorAll<HTMLElement>(FOCUSABLE).length;
  let tried = 0;
  for (let nth = 0; nth < places; nth += 1) {
    const place = document.querySelectorAll<HTMLElement>(FOCUSABLE)[nth];
    if (place === undefined) continue;
    act(() => place.focus());
    if (document.activeElement !== place) continue;
    tried += 1;
    await scan(tried, place.dataset.testid ?? place.outerHTML.slice(0, 90));
    await quiet(core);
  }
  return tried;
}

describe("a scan", () => {
  it("adds its product to the order from every place of order entry, and leaves no trace there", async () => {
    const { core, keys } = await visit("staff=s1&screen=order-entry");
    // The grid draws only the lines in sight; the draft has them all.
    const scanned = () => core.drafts.get("draft1")?.content.lines.filter(({ code }) => code === "1009024") ?? [];
    const tried = await fromAnywhere(core, async (nth, from) => {
      const texts = fields().map(({ value }) => value);
      keys.scan("6901009024001");
      await until(() => scanned().length === nth, `line ${nth} from ${from}`);
      expect(fields().map(({ value }) => value), from).toEqual(texts);
    });
    expect(scanned().every(({ quantity }) => quantity === "1")).toBe(true);
    expect(tried).toBeGreaterThan(12);
  });

  it.each(["today", "orders", "collections", "distributors", "deposits", "sync", "collection-entry"])("of an order's number opens the order from every place of %s", async (screen) => {
    const { core, keys } = await visit(`staff=s1&screen=${screen}`);
    const number = core.orders.get("sample7")?.order.order.number ?? "";
    const places = document.querySelectorAll(FOCUSABLE).length;
    expect(places).toBeGreaterThan(8);
    for (const nth of [0, Math.floor(places / 3), Math.floor((2 * places) / 3), places - 1]) {
      const here = currentRoute();
      act(() => document.querySelectorAll<HTMLElement>(FOCUSABLE)[nth]?.focus());
      const texts = fields().map(({ value }) => value);
      keys.scan(number);
      await until(() => all("order-number")[0]?.textContent === number, `the order, from place ${nth}`);
      if (screen === "orders") continue;
      keys.chord("Escape");
      await until(() => currentRoute().screen === here.screen, "back again");
      await quiet(core);
      expect(fields().map(({ value }) => value)).toEqual(texts);
    }
  });

  it("of the payer's receipt proves the payment from every place of the pay sheet", async () => {
    const { core, keys } = await visit("staff=s1&screen=pay&net=off");
    const proofs = (): number => core.calls.filter(({ cmd }) => cmd === "pay_proof").length;
    const tried = await fromAnywhere(core, async (nth, from) => {
      keys.scan("WRONGWRONG");
      await until(() => proofs() === nth, `proof ${nth} from ${from}`);
    });
    expect(tried).toBeGreaterThan(8);
    expect((await seen("pay-proof")).textContent).not.toContain("WRONG");
  });

  it("goes nowhere while the window is locked", async () => {
    const { core, keys } = await visit("staff=none");
    const before = standing(core);
    keys.scan("6901009024001");
    await quiet(core);
    expect(standing(core)).toBe(before);
  });
});
