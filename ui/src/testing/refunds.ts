/// Refunds' part of the core in memory.
import type { CollectionView, OrderDetail, RefundView } from "../api/generated";
import { type Answers, refuse } from "./config";
import { NOW } from "./sample";

/** What of the core it works on. */
interface Held {
  collections: CollectionView[];
  orders: Map<string, OrderDetail>;
  refunds: RefundView[];
  staff: string | null;
}

type Part = Pick<Answers, "refund_list" | "refund_options" | "refundable_list" | "refund_request" | "refund_approve" | "refund_reject">;

export function refundAnswers(core: Held): Part {
  return {
    refund_list: ({ waiting_only, before }) => core.refunds.filter(({ refund }) => before === null && (!waiting_only || refund.state === "requested")),
    refund_options: ({ collection }) => {
      const held = core.collections.find((one) => one.collection.id === collection)?.collection ?? refuse({ code: "not_found", params: { what: "collection" } });
      const parts = held.purpose === "prepaid_deposit" ? [{ from: "deposit" as const, order: null, order_number: "", max_fen: held.amount_fen }] : held.allocations.map(({ order, amount_fen }) => ({ from: "allocations" as const, order, order_number: core.orders.get(order)?.order.order.number ?? "", max_fen: amount_fen }));
      return { transaction_record: held.transaction_record, choices: held.transaction_record === null ? [] : parts, refunds: core.refunds.filter(({ refund }) => refund.collection === collection) };
    },
    refundable_list: () => [],
    refund_request: ({ transaction_record, from, allocations, amount_fen, reason }) => {
      const held = core.collections.find((one) => one.collection.transaction_record === transaction_record)?.collection ?? refuse({ code: "not_refundable" });
      const id = `f${core.refunds.length + 1}`;
      const refund: RefundView["refund"] = { id, transaction_record, channel: "wechat_pay", collection: held.id, subject: held.number, distributor: held.distributor, distributor_name: held.distributor_name, from, allocations, amount_fen, reason, state: "requested", requested_by: core.staff ?? "", terminal: "T", requested_at: NOW, decided_by: null, decided_at: null, refused_for: "", out_refund_no: null, ended_at: null };
      core.refunds.unshift({ refund, deciding: null, pending: true, attention: null });
      return { refund: id };
    },
    refund_approve: ({ refund }) => {
      const held = core.refunds.find((one) => one.refund.id === refund) ?? refuse({ code: "not_found", params: { what: "refund" } });
      if (held.refund.requested_by === core.staff) return refuse({ code: "same_person" });
      held.deciding = "confirm";
      return {};
    },
    refund_reject: ({ refund }) => {
      const held = core.refunds.find((one) => one.refund.id === refund) ?? refuse({ code: "not_found", params: { what: "refund" } });
      held.deciding = "reject";
      return {};
    },
  };
}
