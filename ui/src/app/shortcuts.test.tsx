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
  then: (world: { core: FakeCore; keys: Keyboard }) => Promise<unknown>;
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

const CASES: Record<Action, Case> = {
  help: {
    at: SALES,
    then: async () => {
      const sheet = await dialog();
      for (const action of ACTIONS) expect(sheet.textContent, action).toContain(KEYS[action].chord.split("+").at(-1)?.replace("Delete", "Del").replace("Escape", "Esc"));
      expect(sheet.querySelectorAll("dt")).toHaveLength(ACTIONS.length);
    },
  },
  newOrder: { at: SALES, then: focusOn("distributor-box") },
  search: { at: SALES, then: async () => expect(await until(() => (document.activeElement?.closest("[role=dialog]") === null ? null : document.activeElement), "the palette")).toBeInstanceOf(HTMLInputElement) },
  sync: { at: SALES, then: comes("sync-now") },
  lock: { at: ENTRY, then: comes("unlock-pin") },
  back: { at: ORDERS, then: () => until(() => all("nav-today")[0]?.getAttribute("aria-current") === "page", "today again") },

  distributor: { at: ENTRY, then: focusOn("distributor-box") },
  product: { at: ENTRY, steps: [{ click: "remark" }], then: focusOn("entry-box") },
  quantity: { at: ENTRY, then: editing("数量") },
  price: { at: ENTRY, then: editing("单价") },
  useDeposit: { at: ENTRY, then: focusOn("deposit-pay") },
  collect: { at: ENTRY, then: comes("pay-qr") },
  collectOffline: { at: ENTRY, then: comes("collection-save") },
  confirm: { at: ENTRY, then: called("order_confirm", { order: "draft1" }) },
  undo: { at: ENTRY, then: called("draft_edit", { edit: "undo" }) },
  redo: { at: ENTRY, then: called("draft_edit", { edit: "redo" }) },
  duplicateLine: { at: ENTRY, then: () => until(() => all("line-row").length === 6, "a sixth line") },
  removeLine: { at: ENTRY, then: () => until(() => all("line-row").length === 4, "four lines") },

  filter: { at: ORDERS, then: focusOn("order-search") },
  refine: { at: ORDERS, then: comes("apply-conditions") },
  exportRows: { at: ORDERS, then: called("order_export") },
  payOrder: { at: ORDERS, then: called("pay_orders") },
  collectFor: { at: ORDERS, then: comes("collection-save") },
  copyAsNew: { at: ORDERS, then: called("order_copy", { order: "sample1" }) },
  add: { at: `${SALES}&screen=distributors`, then: dialog },
  payFromDeposit: { at: ORDERS, then: dialog },
  confirmMoney: { at: "staff=s3&screen=finance", then: called("collection_confirm") },
  rejectMoney: { at: "staff=s3&screen=finance", then: comes("collection-reject-reason") },
  refund: { at: "staff=s3&screen=collections", then: comes("refund-reason") },
  retry: { at: `${SALES}&screen=sync`, then: called("sync_now") },
  holdOffline: { at: `${SALES}&screen=sync`, then: called("work_offline", { on: true }) },

  save: { at: `${SALES}&screen=collection-entry`, steps: [{ click: "collection-amount" }, { type: "10" }], then: called("collection_record", { amount_fen: "1000" }) },

  reissue: { at: `${PAY}&state=expired`, then: called("pay_orders") },
  giveUp: { at: PAY, then: focusOn("pay-close-go") },
  fullScreen: { at: PAY, then: dialog },
  switchToOffline: { at: PAY, then: focusOn("pay-close-go") },
  next: { at: `${PAY}&state=paid`, then: focusOn("distributor-box") },
};

describe("every shortcut of the map", () => {
  it.each(ACTIONS)("%s does what the sheet says", async (action) => {
    const { at, steps = [], then } = CASES[action];
    const world = await visit(at);
    await world.keys.follow(steps);
    await quiet(world.core);
    world.keys.chord(KEYS[action].chord);
    await then(world);
    await quiet(world.core);
  });
});
