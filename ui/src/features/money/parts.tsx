/// What several pages about money without a home show: the channel's proof, and where a match stands.
import type { MatchView, OpenMoney, TransactionRecord } from "../../api/generated";
import { Facts } from "../../components/Page";
import { StateTag, type Tone } from "../../components/StateTag";
import { useT } from "../../i18n";
import { formatDateTime } from "../../i18n/time";
import { words } from "../../i18n/words";
import { formatMoney } from "../../money";
import { messages } from "./messages";

const TONE: Record<MatchView["money_match"]["state"], Tone> = { proposed: "warn", rejected: "bad", approved: "ok" };

export function MatchTag({ view }: { view: MatchView }) {
  const t = useT(messages);
  const w = useT(words);
  if (view.attention !== null) return <StateTag tone="bad">{w.toLookAt}</StateTag>;
  if (view.deciding !== null) return <StateTag tone="accent">{t.deciding[view.deciding]}</StateTag>;
  return <StateTag tone={TONE[view.money_match.state]}>{t.states[view.money_match.state]}</StateTag>;
}

/** What the channel said, for whoever has to judge it. */
export function Evidence({ record }: { record: TransactionRecord | null }) {
  const t = useT(messages);
  const w = useT(words);
  if (record === null) return null;
  return (
    <section aria-label={t.evidence}>
      <Facts
        facts={[
          { label: t.channel, value: w.channels[record.channel] },
          { label: t.gross, value: formatMoney(record.gross_fen) },
          { label: t.paidAt, value: formatDateTime(record.paid_at) },
          { label: t.payer, value: record.payer },
          { label: t.providerNo, value: record.provider_no, testId: "evidence-provider" },
          { label: t.outTradeNo, value: record.out_trade_no },
        ]}
      />
    </section>
  );
}

/** One key for each sum of money without a home. */
export function moneyKey(money: OpenMoney): string {
  return `${money.kind} ${money.collection ?? money.evidence?.id ?? money.distributor ?? ""}`;
}
