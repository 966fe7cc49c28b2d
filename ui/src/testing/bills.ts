/// The channels' bills of the core in memory: as the backend would answer.
import type { BillDone, BillEntry, BillItemView, BillKey, BillSummary, BillView, StaffId } from "../api/generated";
import { type Answers, refuse } from "./config";
import { NOW } from "./sample";

/** What of the core it works on. */
interface Held {
  online: boolean;
  staff: StaffId | null;
}

const WECHAT = { channel: "wechat_pay", merchant_no: "1900000109" } as const;
const ALIPAY = { channel: "alipay", merchant_no: "2088000000000109" } as const;

const item = (one: Partial<BillItemView> & Pick<BillItemView, "key" | "found">): BillItemView => ({
  money: "payment", number: "", provider_no: "", here_fen: null, there_fen: null, fee_fen: null, note: "", open: null, ...one,
});

const TRADES: readonly BillItemView[] = [
  item({ key: "payment 4200002", found: "only_provider", number: "SHOP20261120", provider_no: "4200002411202611208834", there_fen: "36000", fee_fen: "216", open: true }),
  item({ key: "payment 4200003", found: "amount_differs", number: "FT0000000000A7W01K", provider_no: "4200002411202611208835", here_fen: "128050", there_fen: "128000", fee_fen: "768", open: false }),
  item({ key: "payment 4200001", found: "matched", number: "FT0000000000A5W01M", provider_no: "4200002411202611208801", here_fen: "630600", there_fen: "630600", fee_fen: "3784" }),
  item({ key: "refund 4200001 FR1", found: "matched", money: "refund", number: "FR01JD7K2M0000000000000000A1", provider_no: "4200002411202611208801", here_fen: "80000", there_fen: "80000", fee_fen: "-480" }),
];

const FLOWS: readonly BillItemView[] = [
  item({ key: "fee payment 4200001", found: "fee_differs", money: "fee", number: "FT0000000000A5W01M", provider_no: "4200002411202611208801", here_fen: "-3784", there_fen: "-3790", note: "交易 · 扣除交易手续费", open: true }),
  item({ key: "flow 1 6", found: "other", money: "other", provider_no: "1100002611200001", there_fen: "-500000", note: "提现" }),
  item({ key: "payment 4200001", found: "matched", number: "FT0000000000A5W01M", provider_no: "4200002411202611208801", here_fen: "630600", there_fen: "630600", note: "交易" }),
  item({ key: "refund 4200001 FR1", found: "matched", money: "refund", number: "FR01JD7K2M0000000000000000A1", provider_no: "5030000411202611200001", here_fen: "-80000", there_fen: "-80000", note: "退款" }),
];

function summary(items: readonly BillItemView[]): BillSummary {
  const found: BillSummary["found"] = {};
  for (const one of items) found[one.found] = (found[one.found] ?? 0) + 1;
  const count = (money: BillItemView["money"]): number => items.filter((one) => one.money === money).length;
  return { payments: count("payment"), refunds: count("refund"), found, gross_fen: "794600", refunded_fen: "80000", fee_fen: "4288", other_fen: "0", balance_fen: null };
}

function bill(key: BillKey, items: readonly BillItemView[] | null, by: StaffId | null = null, file: string | null = null): BillView {
  const matched: BillEntry["matched"] = items === null ? null : {
    at: NOW - 29_000_000,
    origin: { file, staff: by, terminal: by === null ? null : "7" },
    summary: key.bill === "fund_flow" ? { ...summary(items), gross_fen: "630600", fee_fen: "3310", other_fen: "-500000", balance_fen: "1286050" } : summary(items),
    open: items.filter(({ open }) => open === true).length,
  };
  return { entry: { key, matched }, items: [...(items ?? [])], left_out: 0 };
}

const day = (back: number): string => new Date(NOW - back * 86_400_000).toISOString().slice(0, 10);
const good = TRADES.filter(({ found }) => found === "matched");

const BILLS: readonly BillView[] = [
  bill({ ...WECHAT, day: day(1), bill: "trade" }, TRADES),
  bill({ ...WECHAT, day: day(1), bill: "fund_flow" }, FLOWS),
  bill({ ...ALIPAY, day: day(1), bill: "trade" }, null),
  bill({ ...WECHAT, day: day(2), bill: "trade" }, good, "s3", "1900000109All2026-11-20.csv"),
  bill({ ...WECHAT, day: day(2), bill: "fund_flow" }, null),
  bill({ ...ALIPAY, day: day(2), bill: "trade" }, good, "s3"),
];

type Part = Pick<Answers, "bill_list" | "bill_view" | "bill_fetch" | "bill_import">;

const same = (a: BillKey, b: BillKey): boolean => a.channel === b.channel && a.merchant_no === b.merchant_no && a.day === b.day && a.bill === b.bill;

export function billAnswers(core: Held): Part {
  let bills = structuredClone([...BILLS]);
  const reach = (): BillView[] => (core.online ? bills : refuse({ code: "unreachable" }));
  const find = (key: BillKey): BillView => reach().find((one) => same(one.entry.key, key)) ?? refuse({ code: "not_found", params: { what: "wallet_binding" } });
  const put = (key: BillKey, file: string | null): BillDone => {
    find(key);
    if (key.bill === "fund_flow" && find({ ...key, bill: "trade" }).entry.matched === null) return refuse({ code: "trade_bill_first" });
    const view = bill(key, good, core.staff, file);
    bills = bills.map((one) => (same(one.entry.key, key) ? view : one));
    return { view, settled: 0, warnings: 0 };
  };
  return {
    bill_list: () => reach().map(({ entry }) => entry),
    bill_view: find,
    bill_fetch: ({ key }) => put(key, null),
    bill_import: ({ key, name }) => {
      // A file with another name than a bill's is a spoilt one.
      if (!/\.(csv|gz|zip)$/.test(name)) {
        return refuse({ code: "bad_bill", params: { file: name, line: 4, column: "订单总金额", problem: "sum", value: "7946.00", wanted: "7986.00" } });
      }
      return put(key, name);
    },
  };
}
