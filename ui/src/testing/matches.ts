/// Money without a home, in the core in memory: a proposal moves nothing, who proposed never
/// approves, and what the backend has not said yet is marked as such.
import type { AttentionItem, MatchRow, OpenMoney, OrderDetail, TransactionRecord } from "../api/generated";
import { type Answers, refuse } from "./config";
import { DISTRIBUTORS, NOW, STAFF } from "./sample";

/** What of the core it works on. */
interface Held {
  matches: MatchRow[];
  openMoney: OpenMoney[];
  attention: AttentionItem[];
  orders: Map<string, OrderDetail>;
  staff: string | null;
}

type Part = Pick<Answers, "open_money" | "match_list" | "match_propose" | "match_approve" | "match_reject" | "held_money_free" | "attention_close" | "attention_list">;

const missing = (what: string): never => refuse({ code: "not_found", params: { what } });

export function matchAnswers(core: Held): Part {
  const undecided = (id: string): MatchRow => {
    const row = core.matches.find(({ view }) => view.money_match.id === id) ?? missing("money_match");
    if (row.view.money_match.proposed_by === core.staff) return refuse({ code: "same_person" });
    if (row.view.deciding !== null) return refuse({ code: "already_decided" });
    return row;
  };
  return {
    open_money: () => [...core.openMoney],
    match_list: ({ waiting_only, before }) => core.matches.filter(({ view }) => before === null && (!waiting_only || view.money_match.state === "proposed")),
    match_propose: ({ from, to, distributor, allocations, amount_fen, reason }) => {
      const money = core.openMoney.find((one) =>
        from.kind === "unapplied" ? one.collection === from.collection : from.kind === "unidentified" ? one.evidence?.id === from.transaction_record : one.kind === "suspense" && one.distributor === distributor,
      );
      if (money === undefined) return refuse({ code: "not_matchable" });
      money.waiting = true;
      const id = `m${core.matches.length + 1}`;
      const distributor_name = DISTRIBUTORS.find((one) => one.id === distributor)?.name ?? "";
      const proposed_by = core.staff ?? "";
      core.matches.unshift({
        view: {
          money_match: { id, from, to, subject: money.subject, distributor, distributor_name, allocations, amount_fen, moved_fen: "0", reason, state: "proposed", proposed_by, terminal: "T", proposed_at: NOW + core.matches.length, decided_by: null, decided_at: null, refused_for: "" },
          deciding: null,
          pending: true,
          attention: null,
        },
        proposed_by_name: STAFF.find((one) => one.id === proposed_by)?.name ?? "",
        order_numbers: allocations.map(({ order }) => core.orders.get(order)?.order.order.number ?? order),
        evidence: money.evidence,
      });
      return { money_match: id };
    },
    match_approve: ({ money_match }) => {
      undecided(money_match).view.deciding = "confirm";
      return {};
    },
    match_reject: ({ money_match }) => {
      undecided(money_match).view.deciding = "reject";
      return {};
    },
    held_money_free: ({ transaction_record }) => {
      const money = core.openMoney.find((one) => one.kind === "held" && one.evidence?.id === transaction_record) ?? missing("transaction_record");
      money.waiting = true;
      return {};
    },
    attention_close: ({ attention }) => {
      const item = core.attention.find((one) => one.item === "backend" && one.id === attention);
      if (item?.item !== "backend") return missing("attention");
      item.closing = true;
      return {};
    },
    attention_list: () => [...core.attention],
  };
}

function record(id: string, intent: string | null, gross_fen: string): TransactionRecord {
  return { id, channel: "wechat_pay", provider_no: `42000028742026112277${id}`, out_trade_no: `FT0000000000${id}W01`, payer: "oUpF****7781", gross_fen, fee_fen: null, paid_at: NOW - 5_400_000, intent, collection: null, distributor: null, asked: null };
}

/** Late money, a stranger's, money whose operation never came, and what a late refund left; with the items about them. */
export function looseMoney(core: Held): void {
  const who = { distributor: "d1", distributor_name: "成都锦里商贸有限公司" };
  const none = { collection: null, suspense_fen: "0", available_fen: "0", waiting: false };
  core.openMoney.push(
    { ...none, ...who, kind: "unapplied", collection: "late1", evidence: { ...record("8101", "I90", "630600"), collection: "late1", distributor: "d1" }, subject: "HQ-261122-0007", amount_fen: "630600", at: NOW - 3_600_000 },
    { ...none, kind: "unidentified", evidence: record("8102", null, "128000"), subject: record("8102", null, "1").provider_no, distributor: null, distributor_name: "", amount_fen: "128000", at: NOW - 5_400_000 },
    { ...none, ...who, kind: "held", evidence: record("8103", "I91", "59000"), subject: record("8103", null, "1").provider_no, amount_fen: "59000", at: NOW - 86_400_000 },
    { ...none, kind: "suspense", evidence: null, subject: "D1002", distributor: "d2", distributor_name: "重庆渝中百货", amount_fen: "30000", suspense_fen: "30000", available_fen: "200000", at: NOW - 7_200_000 },
  );
  const item = { item: "backend" as const, closing: false };
  core.attention.push(
    { ...item, id: "a1", kind: "late_money", distributor: "d1", amount_fen: "630600", subject: "HQ-261122-0007", at: NOW - 3_600_000, concern: { kind: "collection", id: "late1" } },
    { ...item, id: "a2", kind: "unidentified_money", distributor: null, amount_fen: "128000", subject: "4200002874202611228102", at: NOW - 5_400_000, concern: { kind: "transaction_record", id: "8102" } },
    { ...item, id: "a3", kind: "late_refund", distributor: "d2", amount_fen: "30000", subject: "FR01", at: NOW - 7_200_000, concern: { kind: "suspense", id: "d2" } },
    { ...item, id: "a4", kind: "bill_fee_differs", distributor: null, amount_fen: "12", subject: "4200002874202611220031", at: NOW - 80_000_000, concern: null },
  );
}
