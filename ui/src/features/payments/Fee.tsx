/// What the channel keeps of a payment: as its bill says, as an estimate that names its source, or
/// unknown. Never a guess without a source.
import { useRead } from "../../api/hooks";
import { useT } from "../../i18n";
import { formatMoney, formatRate } from "../../money";
import { messages } from "./messages";

export function Fee({ record }: { record: string }) {
  const t = useT(messages);
  const { data } = useRead("payment_fee", { transaction_record: record });
  if (data === undefined) return null;
  if (data.known === "unknown") return <span data-testid="payment-fee" data-known="unknown">{t.feeUnknown}</span>;
  return (
    <span data-testid="payment-fee" data-known={data.known} data-fen={data.fee_fen}>
      {formatMoney(data.fee_fen)}
      {data.known === "billed" ? null : <small> {t.feeEstimate(formatRate(data.note.rate), data.note.source, data.note.date)}</small>}
    </span>
  );
}
