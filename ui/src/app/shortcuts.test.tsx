/// Each shortcut, pressed in the whole window where it works, and what a person then sees. The table
/// is typed by the map: a key without a line here fails `tsc`.
import { describe, expect, it } from "vitest";
import { all, type Keyboard, quiet, seen, until, visit } from "../testing/app";
import type { FakeCore } from "../testing/fake";
import type { Step } from "../testing/pages";
import { type Action, ACTIONS, KEYS } from "./keys";

interface Case {
  /** Where, as in `pages.ts`. */
  at: string;
  steps?: readonly Step[];
  /** What came of it; waits for what is still to come. */
  shows: (world: { core: FakeCore; keys: Keyboard }) => Promise<unknown>;
}

const SALES = "staff=s1";
const ENTRY = `${SALES}&screen=order-entry`;
const ORDERS = `${SALES}&screen=orders`;
const PAY = `${SALES}&screen=pay`;

const focusOn = (id: string) => (): Promise<unknown> => until(() => document.activeElement?.getAttribute("data-testid") === id, `focus on ${id}`);
const dialog = (): Promise<HTMLElement> => until(() => document.querySelector<HTMLElement>("[role=dialog]"), "a dialog");
const comes = (id: string) => (): Promise<unknown> => seen(id);
const called = (cmd: string, input: object = {}) => ({ core }: { core: FakeCore }): Promise<unknown> =>
  until(() => core.calls.some((call) => call.cmd === cmd && Object.entries(input).every(([key, value]) => (call.input as Record<string, unknown>)[key] === value)), `${cmd} ${JSON.stringify(input)}`);
/** The editor in a cell of this column, as the header counts it. */
const editing = (column: string) => (): Promise<unknown> =>
  until(() => document.activeElement instanceof HTMLInputElement && document.activeElement.getAttribute("aria-label") === column, `the editor of ${column}`);

/** What was clicked since the page stood, by test id: a file dialog leaves nothing else behind. */
let clicked: (string | undefined)[] = [];
document.addEventListener("click", ({ target }) => clicked.push((target as HTMLElement).dataset.testid), { capture: true });

const CASES: Record<Action, Case> = {
  help: {
    at: SALES,
    shows: async () => {
      const sheet = await dialog();
      for (const action of ACTIONS) expect(sheet.textContent, action).toContain(KEYS[action].chord.split("+").at(-1)?.replace("Delete", "Del").replace("Escape", "Esc"));
      expect(sheet.querySelectorAll("dt")).toHaveLength(ACTIONS.length);
    },
  },
  newOrder: { at: SALES, shows: focusOn("distributor-box") },
  search: { at: SALES, shows: async () => expect(await until(() => (document.activeElement?.closest("[role=dialog]") === null ? null : document.activeElement), "the palette")).toBeInstanceOf(HTMLInputElement) },
  sync: { at: SALES, shows: comes("sync-now") },
  lock: { at: ENTRY, shows: comes("unlock-pin") },
  back: { at: ORDERS, shows: () => until(() => all("nav-today")[0]?.getAttribute("aria-current") === "page", "today again") },

  distributor: { at: ENTRY, shows: focusOn("distributor-box") },
  product: { at: ENTRY, steps: [{ click: "remark" }], shows: focusOn("entry-box") },
  quantity: { at: ENTRY, shows: editing("数量") },
  price: { at: ENTRY, shows: editing("单价") },
  useDeposit: { at: ENTRY, shows: focusOn("deposit-pay") },
  collect: { at: ENTRY, shows: comes("pay-qr") },
  collectOffline: { at: ENTRY, shows: comes("collection-save") },
  confirm: { at: ENTRY, shows: called("order_confirm", { order: "draft1" }) },
  undo: { at: ENTRY, shows: called("draft_edit", { edit: "undo" }) },
  redo: { at: ENTRY, shows: called("draft_edit", { edit: "redo" }) },
  duplicateLine: { at: ENTRY, shows: () => until(() => all("line-row").length === 6, "a sixth line") },
  removeLine: { at: ENTRY, shows: () => until(() => all("line-row").length === 4, "four lines") },

  filter: { at: ORDERS, shows: focusOn("order-search") },
  refine: { at: ORDERS, shows: comes("apply-conditions") },
  exportRows: { at: ORDERS, shows: called("order_export") },
  payOrder: { at: ORDERS, shows: called("pay_orders") },
  collectFor: { at: ORDERS, shows: comes("collection-save") },
  editOrder: { at: ORDERS, shows: called("order_edit", { order: "sample1" }) },
  copyAsNew: { at: ORDERS, shows: called("order_copy", { order: "sample1" }) },
  add: { at: `${SALES}&screen=distributors`, shows: dialog },
  payFromDeposit: { at: ORDERS, shows: dialog },
  confirmMoney: { at: "staff=s3&screen=finance", shows: called("collection_confirm") },
  revoke: { at: "staff=s5&screen=console&section=terminals", shows: comes("terminal-revoke-reason") },
  rejectMoney: { at: "staff=s3&screen=finance", shows: comes("collection-reject-reason") },
  refund: { at: "staff=s3&screen=collections", shows: comes("refund-reason") },
  placeMoney: { at: "staff=s3&screen=finance", steps: [{ click: "desk-money" }, { press: "ArrowDown" }], shows: comes("match-reason") },
  closeItem: { at: "staff=s3&screen=finance", steps: [{ click: "desk-attention" }, { press: "End" }], shows: comes("item-close-reason") },
  fetchBill: { at: "staff=s3&screen=finance", steps: [{ click: "desk-bills" }, { click: "bill-row" }], shows: called("bill_fetch") },
  importBill: { at: "staff=s3&screen=finance", steps: [{ click: "desk-bills" }, { click: "bill-row" }], shows: () => until(() => clicked.includes("bill-file"), "the choice of a file") },
  retry: { at: `${SALES}&screen=sync`, shows: called("sync_now") },
  holdOffline: { at: `${SALES}&screen=sync`, shows: called("work_offline", { on: true }) },

  save: { at: `${SALES}&screen=collection-entry`, steps: [{ click: "collection-amount" }, { type: "10" }], shows: called("collection_record", { amount_fen: "1000" }) },

  photo: { at: `${SALES}&screen=collection-entry`, shows: () => until(() => clicked.some((id) => id?.startsWith("slip")), "the choice of a file") },

  reissue: { at: `${PAY}&state=expired`, shows: called("pay_orders") },
  giveUp: { at: PAY, shows: focusOn("pay-close-go") },
  fullScreen: { at: PAY, shows: dialog },
  switchToOffline: { at: PAY, shows: focusOn("pay-close-go") },
  next: { at: `${PAY}&state=paid`, shows: focusOn("distributor-box") },
};

describe("every shortcut of the map", () => {
  it.each(ACTIONS)("%s does what the sheet says", async (action) => {
    const { at, steps = [], shows } = CASES[action];
    const world = await visit(at);
    await world.keys.follow(steps);
    await quiet(world.core);
    clicked = [];
    world.keys.chord(KEYS[action].chord);
    await shows(world);
    await quiet(world.core);
  });
});
