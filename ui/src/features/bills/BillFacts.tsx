/// What a bill comes to, and how it came.
import type { BillEntry } from "../../api/generated";
import { type Fact, Facts } from "../../components/Page";
import { useT } from "../../i18n";
import { formatDateTime } from "../../i18n/time";
import { words } from "../../i18n/words";
import { addMoney, formatMoney, negateMoney } from "../../money";
import { messages } from "./messages";

export function BillFacts({ entry, origin }: { entry: BillEntry; origin: string }) {
  const t = useT(messages);
  const w = useT(words);
  const facts: Fact[] = [{ label: w.channels[entry.key.channel], value: entry.key.merchant_no }];
  if (entry.matched !== null) {
    const { summary, at } = entry.matched;
    const net = addMoney(addMoney(summary.gross_fen, negateMoney(summary.refunded_fen)), negateMoney(summary.fee_fen));
    facts.push(
      { label: t.origin, value: origin },
      { label: t.at, value: formatDateTime(at) },
      { label: t.facts.payments, value: formatMoney(summary.gross_fen), note: t.count(summary.payments) },
      { label: t.facts.refunds, value: formatMoney(summary.refunded_fen), note: t.count(summary.refunds) },
      { label: t.facts.fee, value: formatMoney(summary.fee_fen) },
      { label: t.facts.net, value: formatMoney(net), testId: "bill-net" },
    );
    if (entry.key.bill === "fund_flow") facts.push({ label: t.facts.other, value: formatMoney(summary.other_fen) });
    if (summary.balance_fen !== null) facts.push({ label: t.facts.balance, value: formatMoney(summary.balance_fen), testId: "bill-balance" });
  }
  return <Facts facts={facts} />;
}
