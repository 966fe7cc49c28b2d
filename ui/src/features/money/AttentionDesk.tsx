/// The attention list on finance's desk: each item with its cause, the money that it is about, and
/// what can be done. While money is open no word closes an item; the backend refuses, and so says
/// the screen.
import { type ReactNode, useMemo, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import type { AttentionId, AttentionItem, Concern, OpenMoney, Permission } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { Actions, Facts, Page, Quiet } from "../../components/Page";
import { ReasonDialog } from "../../components/ReasonDialog";
import { StateTag } from "../../components/StateTag";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { formatDateTime, formatShort } from "../../i18n/time";
import { kindText, words } from "../../i18n/words";
import { addMoney, formatAmount, formatMoney, isZeroMoney } from "../../money";
import styles from "../collections/CollectionEntry.module.css";
import { messages } from "./messages";
import { MoneyActions } from "./MoneyDesk";
import { Evidence } from "./parts";

type Item = Extract<AttentionItem, { item: "backend" }>;

interface Props {
  tabs: ReactNode;
  may: (permission: Permission) => boolean;
}

function about(concern: Concern | null, money: OpenMoney): boolean {
  switch (concern?.kind) {
    case "collection":
      return money.collection === concern.id;
    case "transaction_record":
      return money.kind !== "unapplied" && money.evidence?.id === concern.id;
    case "suspense":
      return money.kind === "suspense" && money.distributor === concern.id;
    case undefined:
      return false;
  }
}

export function AttentionDesk({ tabs, may }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const [active, setActive] = useState<AttentionId | null>(null);
  const list = useRead("attention_list", {});
  const rows = useMemo(() => (list.data ?? []).filter((item): item is Item => item.item === "backend"), [list.data]);
  const shown = rows.find((row) => row.id === active);
  const columns = useMemo<Column<Item>[]>(
    () => [
      { id: "at", header: t.columns.at, width: 98, cell: (item) => formatShort(item.at) },
      { id: "kind", header: t.columns.kind, width: 200, grow: true, cell: (item) => <StateTag tone={item.closing ? "accent" : "bad"}>{item.closing ? t.closing : kindText(w, item.kind)}</StateTag> },
      { id: "subject", header: t.columns.subject, width: 228, cell: (item) => item.subject },
      { id: "amount", header: t.columns.amount, width: 106, align: "end", cell: (item) => (isZeroMoney(item.amount_fen) ? "" : formatAmount(item.amount_fen)) },
    ],
    [t, w],
  );
  return (
    <Page label={t.attention} asideWidth="wide" bar={tabs} aside={shown === undefined ? <EmptyState title={t.choose} /> : <ItemFacts key={shown.id} item={shown} may={may} />}>
      <DataGrid
        label={t.attention}
        rows={rows}
        columns={columns}
        rowKey={(item) => item.id}
        rowData={(item) => ({ "data-testid": "item-row", "data-kind": item.kind, "data-closing": String(item.closing) })}
        onActive={(item) => item !== null && setActive(item.id)}
        autoFocus
        empty={list.isPending ? null : <EmptyState title={t.noneAttention} />}
      />
    </Page>
  );
}

function ItemFacts({ item, may }: { item: Item; may: Props["may"] }) {
  const t = useT(messages);
  const w = useT(words);
  const [closing, setClosing] = useState(false);
  const close = useAct("attention_close");
  const open = useRead("open_money", {});
  const twice = useRead("refundable_list", {});
  const money = open.data?.find((one) => about(item.concern, one));
  const back = twice.data?.find((one) => item.concern?.kind === "transaction_record" && one.transaction_record === item.concern.id);
  const left = addMoney(money?.amount_fen ?? "0", back?.left_fen ?? "0");
  const known = open.data !== undefined && twice.data !== undefined;
  const closable = may("attention_close") && known && isZeroMoney(left) && item.kind !== "review" && !item.closing;
  useKeys({ closeItem: closable && (() => setClosing(true)) });
  const go = async (reason: string): Promise<void> => {
    if ((await close.run({ attention: item.id, reason })) === null) return;
    say("info", t.closed);
    setClosing(false);
  };
  const cause = t.causes[item.kind];
  const next = t.nextOf[item.kind];
  return (
    <>
      <div className={styles.name}>
        <h1>{isZeroMoney(item.amount_fen) ? item.subject : formatMoney(item.amount_fen)}</h1>
        <StateTag tone={item.closing ? "accent" : "bad"}>{item.closing ? t.closing : kindText(w, item.kind)}</StateTag>
      </div>
      {cause === undefined ? null : <Quiet>{cause}</Quiet>}
      {next === undefined ? null : <Quiet>{next}</Quiet>}
      <Facts
        facts={[
          { label: t.columns.subject, value: item.subject },
          { label: t.columns.at, value: formatDateTime(item.at) },
          ...(money === undefined || money.distributor_name === "" ? [] : [{ label: t.distributor, value: money.distributor_name }]),
        ]}
      />
      <Evidence record={money?.evidence ?? null} />
      {isZeroMoney(left) ? null : <Quiet>{t.stillOpen(formatMoney(left))}</Quiet>}
      {money === undefined ? null : <MoneyActions money={money} may={may} />}
      {closable ? (
        <Actions>
          <Button chord={KEYS.closeItem.chord} onClick={() => runAction("closeItem")} data-testid="item-close">
            {t.close}
          </Button>
        </Actions>
      ) : null}
      {closing ? (
        <ReasonDialog
          title={`${t.closeTitle} · ${item.subject}`}
          words={{ reason: t.closeDetail, back: t.back, go: t.close }}
          busy={close.busy}
          onGo={(reason) => void go(reason)}
          onClose={() => setClosing(false)}
          testId="item-close"
        />
      ) : null}
    </>
  );
}
