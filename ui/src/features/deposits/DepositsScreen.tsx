/// A distributor's money held in advance: what there is, what this terminal may spend of it offline,
/// what moved it, and more of it by QR.
import { useEffect, useMemo, useRef, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import { navigate, replaceRoute } from "../../app/router";
import type { DepositEntry, Permission } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { MoneyField } from "../../components/MoneyField";
import { Facts, Form, Page, Quiet } from "../../components/Page";
import type { SearchHandle } from "../../components/SearchBox";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatShort } from "../../i18n/time";
import { words } from "../../i18n/words";
import { compareMoney, type Fen, formatAmount, formatMoney, takeMoney } from "../../money";
import { CollectionTag } from "../collections/CollectionTag";
import { DistributorBox } from "../distributors/DistributorBox";
import { messages } from "./messages";

interface Props {
  distributor?: string;
  may: (permission: Permission) => boolean;
  online: boolean;
}

export function DepositsScreen({ distributor, may, online }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const box = useRef<SearchHandle>(null);
  const deposit = useRead("deposit_get", { distributor: distributor ?? "" }, { enabled: distributor !== undefined });
  const columns = useMoves();
  useKeys({
    filter: () => box.current?.focus(),
    collectFor:
      may("collection_record") &&
      distributor !== undefined &&
      (() => navigate("collection-entry", { distributor, purpose: "prepaid_deposit" })),
  });

  const bar = (
    <>
      <h1 data-testid="deposit-distributor">{deposit.data?.distributor_name ?? t.title}</h1>
      <DistributorBox
        key={distributor}
        autoFocus={distributor === undefined}
        onPick={(row) => replaceRoute("deposits", { distributor: row.id })}
        ref={box}
      />
    </>
  );
  if (deposit.error !== null) {
    return (
      <Page label={t.title} bar={bar}>
        <ErrorPanel title={errorText(deposit.error.why)} code={deposit.error.why.code} />
      </Page>
    );
  }
  if (distributor === undefined || deposit.data === undefined) {
    return (
      <Page label={t.title} bar={bar}>
        {distributor === undefined ? <EmptyState title={t.choose} detail={t.chooseDetail} /> : null}
      </Page>
    );
  }
  const held = deposit.data.deposit;
  const balance = held?.balance_fen ?? "0";
  const reserve = held?.reserve_fen ?? "0";
  const waiting = held?.waiting_fen ?? "0";
  return (
    <Page
      label={t.title}
      bar={bar}
      aside={
        <>
          <Facts
            layout="tiles"
            facts={[{ label: t.balance, value: formatMoney(balance), testId: "deposit-balance", data: { "data-fen": balance } }]}
          />
          <Facts
            facts={[
              { label: t.reserve, value: formatMoney(reserve), testId: "deposit-reserve", data: { "data-fen": reserve } },
              // The rest of the balance, this terminal's pending spends apart.
              { label: t.available, value: formatMoney(takeMoney(balance, reserve, waiting)) },
              { label: t.waiting, value: formatMoney(waiting), testId: "deposit-waiting", data: { "data-fen": waiting } },
              ...(held === null ? [] : [{ label: "", value: <Quiet>{w.asOf(formatShort(held.as_of))}</Quiet> }]),
            ]}
          />
          {held === null ? <Quiet>{t.none}</Quiet> : null}
          {may("intent_open") ? <TopUp key={distributor} distributor={distributor} online={online} /> : null}
          {may("collection_record") ? (
            <Button size="large" chord={KEYS.collectFor.chord} onClick={() => runAction("collectFor")}>
              {t.byHand}
            </Button>
          ) : null}
        </>
      }
    >
      <DataGrid
        label={t.moves}
        rows={deposit.data.entries}
        columns={columns}
        rowKey={(row) => row.collection.collection.id}
        rowData={(row) => ({ "data-testid": "deposit-row", "data-state": row.collection.collection.state, "data-amount-fen": row.amount_fen })}
        empty={<EmptyState title={t.noMoves} />}
      />
    </Page>
  );
}

function TopUp({ distributor, online }: { distributor: string; online: boolean }) {
  const t = useT(messages);
  const [amount, setAmount] = useState<Fen | null>(null);
  const [tried, setTried] = useState(false);
  const pay = useAct("pay_top_up");
  const field = useRef<HTMLInputElement>(null);
  // The box that found the distributor has gone; the amount is what comes next.
  useEffect(() => field.current?.focus(), []);
  const positive = amount !== null && compareMoney(amount, "0") > 0;
  const go = async (): Promise<void> => {
    setTried(true);
    if (!positive || !online) return;
    const view = await pay.run({ distributor, amount_fen: amount });
    if (view !== null) navigate("pay", { intent: view.intent.intent.id });
  };
  return (
    <Form label={t.topUp}>
      <MoneyField
        label={t.amount}
        big
        value={amount}
        onChange={setAmount}
        onEnter={() => void go()}
        hint={t.onlyConfirmed}
        error={tried && !positive ? t.amountNeeded : null}
        testId="topup-amount"
        inputRef={field}
      />
      <Button size="large" tone="primary" chord="Enter" busy={pay.busy} disabled={!online || pay.busy} onClick={() => void go()} data-testid="topup-go">
        {t.byQr}
      </Button>
    </Form>
  );
}

function useMoves(): readonly Column<DepositEntry>[] {
  const t = useT(messages);
  const w = useT(words);
  return useMemo<Column<DepositEntry>[]>(
    () => [
      { id: "at", header: t.columns.at, width: 104, cell: ({ collection }) => formatShort(collection.collection.recorded_at) },
      {
        id: "kind",
        header: t.columns.kind,
        width: 120,
        cell: ({ collection }) => (collection.collection.purpose === "prepaid_deposit" ? t.kindTopUp : t.kindSpend),
      },
      { id: "number", header: t.columns.number, width: 150, grow: true, cell: ({ collection }) => collection.collection.number },
      { id: "method", header: t.columns.method, width: 110, cell: ({ collection }) => w.methods[collection.collection.method] },
      {
        id: "amount",
        header: t.columns.amount,
        width: 130,
        align: "end",
        cell: ({ amount_fen }) => (compareMoney(amount_fen, "0") > 0 ? `+${formatAmount(amount_fen)}` : formatAmount(amount_fen)),
      },
      { id: "state", header: t.columns.state, width: 190, cell: ({ collection }) => <CollectionTag view={collection} /> },
    ],
    [t, w],
  );
}
