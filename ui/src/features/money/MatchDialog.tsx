/// Proposes where money belongs: to whom, to which orders, or to the deposit, and on what grounds.
/// Another person approves it (rule 9.5); what there is of the money is the core's word.
import { useState } from "react";
import { useAct } from "../../app/act";
import type { AllocationRow, DistributorId, MatchFrom, MatchTo, OpenMoney } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { EmptyState } from "../../components/EmptyState";
import { Field } from "../../components/Field";
import { MoneyField } from "../../components/MoneyField";
import { Facts, Quiet } from "../../components/Page";
import { Segments } from "../../components/Segments";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { compareMoney, editableAmount, type Fen, formatAmount, formatMoney, isZeroMoney, parseMoney, takeMoney } from "../../money";
import { allocated, type Typed } from "../collections/allocate";
import { DistributorBox } from "../distributors/DistributorBox";
import styles from "./MatchDialog.module.css";
import { messages } from "./messages";

/** Where this money may go, the likeliest first. */
function homes(money: OpenMoney): readonly MatchTo[] {
  if (money.kind === "suspense") return ["suspense"];
  if (money.kind === "unidentified") return ["orders", "unapplied", "deposit"];
  return isZeroMoney(money.suspense_fen) ? ["orders", "deposit"] : ["orders", "deposit", "suspense"];
}

function sourceOf(money: OpenMoney): MatchFrom | null {
  if (money.kind === "suspense") return { kind: "deposit" };
  if (money.kind === "unapplied" && money.collection !== null) return { kind: "unapplied", collection: money.collection };
  if (money.kind === "unidentified" && money.evidence !== null) return { kind: "unidentified", transaction_record: money.evidence.id };
  return null;
}

const least = (a: Fen, b: Fen): Fen => (compareMoney(a, b) < 0 ? a : b);

export function MatchDialog({ money, onClose }: { money: OpenMoney; onClose: () => void }) {
  const t = useT(messages);
  const [who, setWho] = useState<DistributorId | null>(money.distributor);
  const [to, setTo] = useState<MatchTo>(homes(money)[0] ?? "unapplied");
  const [typedAmount, setAmount] = useState<Fen | null>();
  const [typed, setTyped] = useState<Typed>({});
  const [reason, setReason] = useState("");
  const propose = useAct("match_propose");
  const known = useRead("distributor_get", { distributor: who ?? "" }, { enabled: who !== null });
  const suggestion = useRead("allocate_suggest", { distributor: who ?? "", amount_fen: money.amount_fen }, { enabled: who !== null && to === "orders", keep: true });

  const whole = money.kind === "unidentified";
  const most = money.kind === "suspense" ? least(money.amount_fen, money.available_fen) : to === "suspense" ? least(money.amount_fen, money.suspense_fen) : money.amount_fen;
  const { rows, rest } = allocated(money.amount_fen, to === "orders" ? (suggestion.data?.rows ?? []) : [], typed);
  const parts = rows.filter((row) => !isZeroMoney(row.amount_fen)).map((row) => ({ order: row.order, amount_fen: row.amount_fen }));
  const amount = whole ? money.amount_fen : to === "orders" ? takeMoney(money.amount_fen, rest) : typedAmount === undefined ? most : typedAmount;
  const over = compareMoney(rest, "0") < 0;
  const fits = amount !== null && compareMoney(amount, "0") > 0 && compareMoney(amount, most) <= 0;
  const from = sourceOf(money);
  const ready = who !== null && from !== null && fits && !over && (to !== "orders" || parts.length > 0) && reason.trim() !== "" && !propose.busy;

  const go = async (): Promise<void> => {
    if (!ready) return;
    const done = await propose.run({ from, to, distributor: who, allocations: to === "orders" ? parts : [], amount_fen: amount, reason: reason.trim() });
    if (done === null) return;
    say("ok", t.proposed(money.subject));
    onClose();
  };

  return (
    <Dialog
      title={`${t.placeTitle} · ${money.subject} · ${formatMoney(money.amount_fen)}`}
      size="wide"
      onClose={onClose}
      onConfirm={() => void go()}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.back}
          </Button>
          <Button tone="primary" chord="Enter" busy={propose.busy} disabled={!ready} onClick={() => void go()} data-testid="match-go">
            {t.propose}
          </Button>
        </>
      }
    >
      {who === null ? (
        <Field label={t.distributor} required>
          {() => (
            <DistributorBox
              autoFocus
              onPick={(row) => {
                setWho(row.id);
                setTyped({});
              }}
            />
          )}
        </Field>
      ) : (
        <div className={styles.who}>
          <Facts facts={[{ label: t.distributor, value: known.data?.distributor.name ?? money.distributor_name, testId: "match-distributor" }]} />
          {whole ? (
            <Button onClick={() => setWho(null)} data-testid="match-another">
              {t.another}
            </Button>
          ) : null}
        </div>
      )}
      {homes(money).length > 1 ? (
        <Field label={t.columns.to}>
          {() => <Segments label={t.columns.to} testId="match-to" value={to} onChange={setTo} segments={homes(money).map((value) => ({ value, label: t.to[value] }))} />}
        </Field>
      ) : null}
      {whole ? <Quiet>{t.whole}</Quiet> : null}
      {to === "orders" && who !== null ? (
        <Parts rows={rows} rest={rest} over={over} onPart={(order, fen) => setTyped({ ...Object.fromEntries(rows.map((row) => [row.order, row.amount_fen])), [order]: fen })} />
      ) : null}
      {!whole && to !== "orders" ? (
        <MoneyField label={t.amount} value={amount} onChange={setAmount} required hint={t.most(formatMoney(most))} error={fits ? null : t.most(formatMoney(most))} testId="match-amount" />
      ) : null}
      <TextField label={t.reason} value={reason} onChange={setReason} required hint={t.reasonHint} testId="match-reason" />
    </Dialog>
  );
}

interface PartsProps {
  rows: readonly AllocationRow[];
  rest: Fen;
  over: boolean;
  onPart: (order: string, fen: Fen) => void;
}

function Parts({ rows, rest, over, onPart }: PartsProps) {
  const t = useT(messages);
  const columns: Column<AllocationRow>[] = [
    { id: "number", header: t.order, width: 150, grow: true, cell: (row) => row.number },
    { id: "owed", header: t.owed, width: 120, align: "end", cell: (row) => formatAmount(row.owed_fen) },
    {
      id: "amount",
      header: t.allocated,
      width: 130,
      align: "end",
      cell: (row) => (isZeroMoney(row.amount_fen) ? "–" : formatAmount(row.amount_fen)),
      edit: {
        text: (row) => editableAmount(row.amount_fen),
        commit: (row, text) => {
          const fen = text.trim() === "" ? "0" : parseMoney(text);
          if (fen === null || compareMoney(fen, "0") < 0 || compareMoney(fen, row.owed_fen) > 0) return false;
          onPart(row.order, fen);
          return true;
        },
      },
    },
  ];
  return (
    <>
      <div className={styles.parts}>
        <DataGrid
          label={t.orders}
          rows={rows}
          columns={columns}
          rowKey={(row) => row.order}
          rowData={(row) => ({ "data-testid": "match-part", "data-amount-fen": row.amount_fen })}
          empty={<EmptyState title={t.noOrders} />}
        />
      </div>
      <Facts facts={[{ label: t.rest, value: formatMoney(rest), testId: "match-rest", data: { "data-fen": rest } }]} />
      {over ? <p role="alert">△ {t.over}</p> : null}
    </>
  );
}
