/// Asks for money to go back to where it came from. What it may take from, and how much at most,
/// is the core's word; another person approves it (rule 5.8).
import { useState } from "react";
import { useAct } from "../../app/act";
import type { CollectionView, RefundableMoney, RefundChoice, TransactionRecordId } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { MoneyField } from "../../components/MoneyField";
import { Quiet } from "../../components/Page";
import { Select } from "../../components/Select";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { compareMoney, type Fen, formatMoney } from "../../money";
import { refundMessages } from "./refundMessages";

/** Of a collection's money. */
export function CollectionRefundDialog({ view, onClose }: { view: CollectionView; onClose: () => void }) {
  const { collection } = view;
  const options = useRead("refund_options", { collection: collection.id });
  if (options.data === undefined) return null;
  return <RefundDialog subject={collection.number} record={options.data.transaction_record} choices={options.data.choices} onClose={onClose} />;
}

/** Of money that came twice. */
export function TwiceRefundDialog({ money, onClose }: { money: RefundableMoney; onClose: () => void }) {
  const choice: RefundChoice = { from: "refundable", order: null, order_number: "", max_fen: money.left_fen };
  return <RefundDialog subject={money.provider_no} record={money.transaction_record} choices={[choice]} onClose={onClose} />;
}

interface Props {
  subject: string;
  record: TransactionRecordId | null;
  choices: readonly RefundChoice[];
  onClose: () => void;
}

function RefundDialog({ subject, record, choices, onClose }: Props) {
  const t = useT(refundMessages);
  const [at, setAt] = useState("0");
  const [typed, setTyped] = useState<Fen | null | undefined>(undefined);
  const [reason, setReason] = useState("");
  const request = useAct("refund_request");
  const choice = choices[Number(at)];
  const amount = typed === undefined ? (choice?.max_fen ?? null) : typed;
  const fits = choice !== undefined && amount !== null && compareMoney(amount, "0") > 0 && compareMoney(amount, choice.max_fen) <= 0;
  const ready = fits && record !== null && reason.trim() !== "" && !request.busy;

  const go = async (): Promise<void> => {
    if (!ready) return;
    const allocations = choice.order === null ? [] : [{ order: choice.order, amount_fen: amount }];
    const done = await request.run({ transaction_record: record, from: choice.from, allocations, amount_fen: amount, reason: reason.trim() });
    if (done === null) return;
    say("ok", t.asked(subject));
    onClose();
  };

  return (
    <Dialog
      title={`${t.askTitle} · ${subject}`}
      onClose={onClose}
      onConfirm={() => void go()}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.back}
          </Button>
          <Button tone="primary" chord="Enter" busy={request.busy} disabled={!ready} onClick={() => void go()} data-testid="refund-ask-go">
            {t.ask}
          </Button>
        </>
      }
    >
      {choice === undefined || record === null ? (
        <p>{t.nothing}</p>
      ) : (
        <>
          <Quiet>{t.askDetail}</Quiet>
          <Select
            label={t.takesFrom}
            value={at}
            options={choices.map((one, index) => ({ value: String(index), label: `${t.from[one.from]} ${one.order_number} · ${formatMoney(one.max_fen)}` }))}
            onChange={(next) => {
              setAt(next);
              setTyped(undefined);
            }}
          />
          <MoneyField
            label={t.amount}
            value={amount}
            onChange={setTyped}
            required
            hint={t.most(formatMoney(choice.max_fen))}
            error={fits ? null : t.most(formatMoney(choice.max_fen))}
            testId="refund-amount"
          />
          <TextField label={t.reason} value={reason} onChange={setReason} required hint={t.reasonHint} testId="refund-reason" />
        </>
      )}
    </Dialog>
  );
}
