/// Frees money held under a ticket whose operation is not waited for any more (rule 6.5): whose it
/// is, and why. Where the link names its distributor the backend takes no other.
import { useState } from "react";
import { useAct } from "../../app/act";
import type { DistributorRow, OpenMoney } from "../../api/generated";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { Field } from "../../components/Field";
import { Facts, Quiet } from "../../components/Page";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { formatMoney } from "../../money";
import { DistributorBox } from "../distributors/DistributorBox";
import { messages } from "./messages";

export function FreeDialog({ money, onClose }: { money: OpenMoney; onClose: () => void }) {
  const t = useT(messages);
  const [picked, setPicked] = useState<DistributorRow | null>(null);
  const [reason, setReason] = useState("");
  const free = useAct("held_money_free");
  const who = picked?.id ?? money.distributor;
  const record = money.evidence?.id ?? null;
  const ready = who !== null && record !== null && reason.trim() !== "" && !free.busy;

  const go = async (): Promise<void> => {
    if (!ready) return;
    if ((await free.run({ transaction_record: record, distributor: who, reason: reason.trim() })) === null) return;
    say("ok", t.freed(money.subject));
    onClose();
  };

  return (
    <Dialog
      title={`${t.freeTitle} · ${formatMoney(money.amount_fen)}`}
      onClose={onClose}
      onConfirm={() => void go()}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.back}
          </Button>
          <Button tone="bad" chord="Enter" busy={free.busy} disabled={!ready} onClick={() => void go()} data-testid="free-go">
            {t.free}
          </Button>
        </>
      }
    >
      <Quiet>{t.freeDetail}</Quiet>
      {who === null ? (
        <Field label={t.distributor} required>
          {() => <DistributorBox autoFocus onPick={setPicked} />}
        </Field>
      ) : (
        <Facts facts={[{ label: t.distributor, value: picked?.name ?? money.distributor_name }]} />
      )}
      <TextField label={t.reason} value={reason} onChange={setReason} required testId="free-reason" />
    </Dialog>
  );
}
