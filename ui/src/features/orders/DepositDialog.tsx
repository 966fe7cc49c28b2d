/// F8: how much of the order the reserve covers, and what is left to ask by QR in the same step
/// (rule 7.5). The reserve is what this terminal may spend offline, never the whole balance.
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Facts } from "../../components/Page";
import { useT } from "../../i18n";
import { compareMoney, type Fen, formatMoney, isZeroMoney, takeMoney } from "../../money";
import { messages } from "./messages";

export interface DepositSplit {
  uses: Fen;
  rest: Fen;
}

export function splitDeposit(owed: Fen, reserve: Fen): DepositSplit {
  const enough = compareMoney(reserve, owed) >= 0;
  const uses = enough ? owed : compareMoney(reserve, "0") > 0 ? reserve : "0";
  return { uses, rest: takeMoney(owed, uses) };
}

interface Props {
  owed: Fen;
  reserve: Fen;
  busy: boolean;
  onPay: (split: DepositSplit) => void;
  onClose: () => void;
}

export function DepositDialog({ owed, reserve, busy, onPay, onClose }: Props) {
  const t = useT(messages);
  const split = splitDeposit(owed, reserve);
  const none = isZeroMoney(split.uses);
  const all = isZeroMoney(split.rest);
  const pay = (): void => {
    if (!none && !busy) onPay(split);
  };
  return (
    <Dialog
      title={t.depositTitle}
      onClose={onClose}
      onConfirm={pay}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button tone="primary" chord="Enter" disabled={none || busy} busy={busy} onClick={pay} data-testid="deposit-pay">
            {all ? t.depositPayAll : t.depositPayRest}
          </Button>
        </>
      }
    >
      <Facts
        facts={[
          { label: t.due, value: formatMoney(owed) },
          { label: t.depositReserve, value: formatMoney(reserve), testId: "deposit-reserve", data: { "data-fen": reserve } },
          { label: t.depositUses, value: <b>{formatMoney(split.uses)}</b> },
          { label: t.depositRest, value: formatMoney(split.rest) },
        ]}
      />
      {none ? <p role="alert">{t.depositNone}</p> : null}
    </Dialog>
  );
}
