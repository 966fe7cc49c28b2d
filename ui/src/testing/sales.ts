/// The part of the core in memory that asks for money in bulk and changes confirmed orders.
import type { BulkRow, Code, DraftView, OrderDetail, PayView } from "../api/generated";
import type { Fen } from "../money";
import { type Answers, refuse } from "./config";
import { NOW } from "./sample";

/** What of the core it works on. */
interface Held {
  drafts: Map<string, DraftView>;
  orders: Map<string, OrderDetail>;
  intents: Map<string, PayView>;
  answers: Answers;
  open: (distributor: string, amount: Fen, orders: readonly string[]) => PayView;
}

type Part = Pick<Answers, "pay_bulk" | "pay_asks" | "pay_collection" | "open_link" | "order_edit">;

const live = ({ intent }: PayView): boolean => ["created", "presented", "paying"].includes(intent.intent.state);

/** A confirmed order after F12 on its changes. */
export function changeOrder(held: OrderDetail, content: OrderDetail["order"]["order"]["content"], total_fen: Fen): OrderDetail {
  Object.assign(held.order, { owed_fen: total_fen, live_intents: [], asked_fen: "0", pending: true });
  Object.assign(held.order.order, { content, total_fen, revision: held.order.order.revision + 1 });
  return held;
}

export function salesAnswers(core: Held): Part {
  const order = (id: string): OrderDetail => core.orders.get(id) ?? refuse({ code: "not_found", params: { what: "order" } });
  return {
    pay_bulk: ({ orders }) => {
      const sheets = new Map<string, string>();
      return orders.map((id): BulkRow => {
        const { order: view } = order(id);
        const { distributor, distributor_name } = view.order.content;
        const row = { order: id, number: view.order.number, distributor_name, asked_fen: view.owed_fen };
        const refused: Code | null = view.owed_fen === "0" ? { code: "nothing_owed" } : view.live_intents.length > 0 ? { code: "already_asked" } : null;
        if (refused !== null) return { ...row, intent: null, refused };
        const sheet = sheets.get(distributor) ?? core.open(distributor, view.owed_fen, [id]).intent.intent.id;
        sheets.set(distributor, sheet);
        return { ...row, intent: sheet, refused: null };
      });
    },
    pay_asks: () =>
      [...core.intents.values()]
        .filter(live)
        .map(({ intent, distributor_name, order_numbers }) => ({ intent, distributor_name, order_numbers, staff_name: "销售 01" })),
    pay_collection: ({ distributor, amount_fen, allocations }) => core.open(distributor, amount_fen, allocations.map((part) => part.order)),
    open_link: () => ({}),
    order_edit: ({ order: id }) => {
      const begun = core.drafts.get(id);
      if (begun !== undefined) return begun;
      const { order: view, capital } = order(id);
      if (view.order.state !== "confirmed") return refuse({ code: "order_not_open" });
      const { total_fen, number, revision, content } = view.order;
      const draft: DraftView = {
        order: id,
        number,
        content: { ...structuredClone(content), lines: content.lines.map((line) => ({ ...structuredClone(line), price_typed: true })), edits: { revision } },
        totals: { lines_fen: total_fen, discount_fen: "0", total_fen, shares_fen: [] },
        capital,
        notices: [],
        saved_at: NOW,
      };
      core.drafts.set(id, draft);
      return draft;
    },
  };
}
