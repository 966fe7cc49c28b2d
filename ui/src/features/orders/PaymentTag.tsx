/// How far an order is paid, by the backend's word; what only waits stands beside it (rule 5.4).
import type { PaymentState } from "../../api/generated";
import { StateTag, type Tone } from "../../components/StateTag";
import { useT } from "../../i18n";
import { words } from "../../i18n/words";
import { type Fen, formatAmount, isZeroMoney, takeMoney } from "../../money";
import { messages } from "./messages";

const LOOK: Record<PaymentState, { tone: Tone; sign?: string }> = {
  unpaid: { tone: "none" },
  partly_paid: { tone: "none", sign: "◑" },
  paid: { tone: "ok" },
  overpaid: { tone: "bad" },
};

interface Props {
  state: PaymentState;
  total: Fen;
  paid: Fen;
  waiting: Fen;
  /** One tag only, where a list has no room for two: what waits says more than "unpaid". */
  short?: boolean;
}

export function PaymentTag({ state, total, paid, waiting, short = false }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const over = state === "overpaid" ? t.overBy(formatAmount(takeMoney(paid, total))) : w.paymentStates[state];
  const waits = !isZeroMoney(waiting);
  if (short && waits && state !== "paid" && state !== "overpaid") {
    return (
      <StateTag tone="warn" {...(state === "partly_paid" ? { sign: "◑" } : {})}>
        {t.waitingAmount(formatAmount(waiting))}
      </StateTag>
    );
  }
  return (
    <>
      <StateTag {...LOOK[state]}>{over}</StateTag>
      {waits && !short ? (
        <>
          {" "}
          <StateTag tone="warn">{t.waitingAmount(formatAmount(waiting))}</StateTag>
        </>
      ) : null}
    </>
  );
}
