/// The part of the core in memory that asks for money in bulk, knows of fees and changes confirmed
/// orders.
import type { BulkRow, Code, ConfigVersion, DraftView, OrderDetail, PayView } from "../api/generated";
import type { Fen } from "../money";
import { type Answers, refuse } from "./config";
import { mockQr } from "./qr";
import { NOW } from "./sample";

/** What of the core it works on. */
interface Held {
  drafts: Map<string, DraftView>;
  orders: Map<string, OrderDetail>;
  intents: Map<string, PayView>;
  config: ConfigVersion;
  answers: Answers;
  open: (distributor: string, amount: Fen, orders: readonly string[]) => PayView;
}

type Part = Pick<Answers, "collection_slip" | "payment_fee" | "pay_bulk" | "pay_asks" | "pay_collection" | "open_link" | "order_edit" | "pay_code" | "order_approve" | "order_reject">;

/** A drawing of a slip. */
const SLIP =
  "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/wAALCAC0AUABAREA/8QAGgABAQADAQEAAAAAAAAAAAAAAAMCBAUBBv/EADwQAAEDAQQJAwQBAQUJAAAAAAABAgMEExRTkREzNFJxcpKh0QVR4RIhMUEiYRUywfDxJDVCYnOBgrGy/9oACAEBAAA/APojG1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5i1jxG5mRjLqn8qmpSUsElNG50TVcqfdS1ypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtFypsFouVNgtI1dLBHTSObE1HIn2U24tUzlQS6p/KpKh2OLgXAAAAAAAAAAAAAAAAABCu2OXgVi1TOVBLqn8qkqHY4uBcjfIMTsovkGJ2UXyDE7KL5BidlF8gxOyi+QYnZRfIMTsovkGJ2UXyDE7KL5BidlF8gxOyi+QYnZRfIMTsovkGJ2UXyDE7KL5BidlF8gxOyi+QYnZSkcjJW/UxdKadH4MgAAAAAAAQrtjl4FYtUzlQS6p/KpKh2OLgXNW4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808C4Rbz808F4YWwsVrVVUVdP3MwAAAAAAAQrtjl4FYtUzlQS6p/KpKh2OLgXAAAAAAAAAAAAAAAAABCu2OXgVi1TOVBLqn8qkqHY4uBcAAAAAAAAAAAAAAAAAEK7Y5eBWLVM5UEuqfyqSodji4Fzn2tb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6PgWtb7P6Pgyjlq1kajkf9OlNP8P1kbwAIV2xy8CsWqZyoJdU/lUlQ7HFwLgAAAAAAAAAAAAAAAAAhXbHLwKxapnKgl1T+VSVDscXAuAAAAAAAAAAAAAAAAACFdscvArFqmcqCXVP5VJUOxxcC5z7hLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwLhLvMzXwb0bVZG1q/lERDIAAAhXbHLwKxapnKgl1T+VSVDscXAuAAAAAAAAAAAAAAAAACFdscvArFqmcqCXVP5VJUOxxcC5G+QYnZRfIMTsovkGJ2UXyDE7KL5BidlF8gxOyi+QYnZRfIMTsovkGJ2UXyDE7KL5BidlF8gxOyi+QYnZRfIMTsovkGJ2UXyDE7KL5BidlF8gxOyi+QYnZRfIMTsovkGJ2UXyDE7KWaqOajk+6KmlAAB+DTm9VpIdKWn1qn6Ymnv+CH9uU2nVy6OCeSsPq9JKuhXujX/nQ3WuRzUc1UVF/Cp+z0AhXbHLwKxapnKgl1T+VSVDscXAuatwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4Fwi3n5p4NljUYxGp+ETQegGE8zIInSSLoahyP9q9Xev3sqZFz8qb8HplJCmqR6+7/ubKRxomhGN0e2ghN6dSzJodC1q+7U0Kc6SCq9KcssD1kg06XNX/AB8nUpKqOrhSSNf6Kn7RSwIV2xy8CsWqZyoJdU/lUlQ7HFwLgAAAAAAAAAAAAHGqVd6l6klM1VSGL+8qd/B2GMbGxGMRGtRNCIh6AFRFTQv3Q4sjV9K9Ra9uzy/lPb3yO0CFdscvArFqmcqCXVP5VJUOxxcC4AAAAAAAAAAAAMJ32UEkn5+hquyQ53oEeinklX+892jT/RP9VOoAAaPrMSSUD10fdio5Cvpsiy0ELl/P06Mvt/gbJCu2OXgVi1TOVBLqn8qkqHY4uBcAAAAAAAAAAAAEa3Yp/wDpu/8ASmt6I5F9PaifpyopvgAGt6k5G0E6ru6DD0f/AHbD/wCX/wBKbhCu2OXgVi1TOVBLqn8qkqHY4uBcAAAAAAAAAAAAHjmo9qtd90VNCnJ9GetPUTUci6FRdLf6+/8AgdcAA5nrk2iFlO37vkX7ont/qb9LFYU0cW61EXj+yhCu2OXgVi1TOVBLqn8qkqHY4uBcAAAAAAAAAAAAA5nqtI9HtrKf7SM/vaP3/U2aCujrI9KKiSIn8m/5/RtAEauqipIlfIvBv7U53p0ElZVLXVCfbT/Bv+f0h1wQrtjl4FYtUzlQS6p/KpKh2OLgXAAAAAAAAAAAAABzaz0r6pLakfZS/nR+E+CKeoV1Imiqpleif8X47p9jNPXYdH3hfp/7GK+qVdT/ABpKVU0/b6l+/wAIZU/pckslvXv+t25p05+EOqiIiIiJoRP0AQrtjl4FYtUzlQS6p/KpKh2OLgXAAAAAAAAAAAAAAAAABCu2OXgVi1TOVD17fqY5vumg1I4KuNiMbNGjUTQn8TOzrcaPpFnW40fSLOtxo+kWdbjR9Is63Gj6RZ1uNH0izrcaPpFnW40fSLOtxo+kWdbjR9Is63Gj6RZ1uNH0izrcaPpFnW40fSLOtxo+kWdbjR9Is63Gj6RZ1uNH0izrcaPpFnW40fSLOtxo+kWdbjR9Is63Gj6RZ1uNH0izrcaPpFnW40fSLOtxo+kWdbjR9Is63Gj6RZ1uNH0izrcaPpFnW40fSLOtxo+kWdbjR9Is63Gj6RZ1uNH0mEkFXIxWOmjVqpoX+Jtsb9LGt9k0HoAAAAAAAAAAAAAAAAAAAP/Z";

/** What the pay sheet knows of channels' own codes. */
export function codesOf(online: boolean, { config }: ConfigVersion): Pick<PayView, "phone_link" | "code_channels" | "qr_mode"> {
  return { phone_link: null, code_channels: online ? ["wechat_pay", "alipay"] : [], qr_mode: config.qr_mode };
}

const live = ({ intent }: PayView): boolean => ["created", "presented", "paying"].includes(intent.intent.state);

/** A confirmed order after F12 on its changes. */
export function changeOrder(held: OrderDetail, content: OrderDetail["order"]["order"]["content"], total_fen: Fen): OrderDetail {
  Object.assign(held.order, { owed_fen: total_fen, live_intents: [], asked_fen: "0", pending: true });
  Object.assign(held.order.order, { content, total_fen, revision: held.order.order.revision + 1 });
  return held;
}

/** An order that waited, after somebody else's word. */
function decided(held: OrderDetail, state: "confirmed" | "cancelled"): OrderDetail {
  if (held.order.order.state !== "submitted") return refuse({ code: "already_decided" });
  Object.assign(held.order.order, { state, revision: held.order.order.revision + 1 });
  return held;
}

export function salesAnswers(core: Held): Part {
  const order = (id: string): OrderDetail => core.orders.get(id) ?? refuse({ code: "not_found", params: { what: "order" } });
  return {
    pay_code: ({ intent, channel }) => {
      const view = core.intents.get(intent) ?? refuse({ code: "not_found", params: { what: "intent" } });
      if (!live(view)) return { answer: "over" };
      view.intent.intent.state = "paying";
      const qr_modules = channel === "wechat_pay" ? 37 : 33;
      return { answer: "code", qr_svg: mockQr(qr_modules), qr_modules };
    },
    payment_fee: ({ transaction_record }) => {
      const records = [...core.intents.values()].map((view) => view.transaction_record);
      const record = records.find((one) => one?.id === transaction_record) ?? refuse({ code: "not_found", params: { what: "transaction_record" } });
      if (record.fee_fen !== null) return { known: "billed", fee_fen: record.fee_fen };
      const note = core.config.config.fees[record.channel];
      if (note === null) return { known: "unknown" };
      return { known: "estimated", fee_fen: String((BigInt(record.gross_fen) * BigInt(note.rate) + 5_000n) / 10_000n), note };
    },
    collection_slip: () => ({ jpeg: SLIP }),
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
    order_approve: ({ order: id }) => decided(order(id), "confirmed"),
    order_reject: ({ order: id }) => decided(order(id), "cancelled"),
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
