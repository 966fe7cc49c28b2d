/// Collections, and with `underReviewOnly` finance's desk: what waits for a decision, decided by key.
/// Who recorded it never decides on it (rule 9.5); the core refuses, and so says the screen.
import { type ReactNode, useMemo, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import { navigate } from "../../app/router";
import type { CollectionId, CollectionView, Permission } from "../../api/generated";
import { usePages, useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Actions, Facts, Gap, Page, Quiet } from "../../components/Page";
import { ReasonDialog } from "../../components/ReasonDialog";
import { Segments } from "../../components/Segments";
import { StateTag } from "../../components/StateTag";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime } from "../../i18n/time";
import { words } from "../../i18n/words";
import { formatMoney, isZeroMoney } from "../../money";
import { Fee } from "../payments/Fee";
import { collectionData, useCollectionColumns } from "./columns";
import styles from "./CollectionEntry.module.css";
import { CollectionTag } from "./CollectionTag";
import { messages } from "./messages";
import { RefundTag } from "./RefundDesk";
import { CollectionRefundDialog } from "./RefundDialog";
import { refundMessages } from "./refundMessages";

interface Props {
  collection?: string;
  underReviewOnly?: boolean;
  /** What stands first in the bar of finance's desk. */
  tabs?: ReactNode;
  may: (permission: Permission) => boolean;
}

export function CollectionsScreen({ collection, underReviewOnly = false, tabs, may }: Props) {
  const t = useT(messages);
  const r = useT(refundMessages);
  const columns = useCollectionColumns();
  const [scope, setScope] = useState<"all" | "review">(underReviewOnly ? "review" : "all");
  const [active, setActive] = useState<CollectionId | null>(collection ?? null);
  const [rejecting, setRejecting] = useState(false);
  const [refunding, setRefunding] = useState(false);
  const list = usePages(
    "collection_list",
    { under_review_only: scope === "review", distributor: null },
    (row) => row.collection.recorded_at,
    scope === "review",
  );
  // A deposit spend waits for the backend, not for finance (rule 5.6).
  const rows = useMemo(
    () => (scope === "review" ? list.rows.filter((row) => row.collection.method !== "deposit") : list.rows),
    [scope, list.rows],
  );
  const confirm = useAct("collection_confirm");
  const session = useRead("session_state", {});

  const shown = rows.find((row) => row.collection.id === active);
  const waits = shown !== undefined && shown.collection.state === "under_review" && shown.deciding === null;
  const own = shown !== undefined && shown.collection.recorded_by === session.data?.staff?.id;
  const decidable = waits && !own && shown.collection.method !== "deposit";
  const mayDecide = may("collection_confirm");
  // Only what came through a channel goes back through it (rule 5.8).
  const refundable = may("refund_request") && shown?.collection.state === "confirmed" && shown.collection.transaction_record !== null;

  const accept = async (): Promise<void> => {
    if (shown === undefined) return;
    const done = await confirm.run({ collection: shown.collection.id });
    if (done !== null) say("ok", t.confirmed(shown.collection.number));
  };
  useKeys({
    confirmMoney: mayDecide && decidable && !confirm.busy && (() => void accept()),
    rejectMoney: may("collection_reject") && decidable && (() => setRejecting(true)),
    refund: refundable && (() => setRefunding(true)),
    collectFor: may("collection_record") && (() => navigate("collection-entry", {})),
  });

  return (
    <>
      <Page
        label={underReviewOnly ? t.desk : t.list}
        asideWidth="wide"
        bar={
          <>
            {underReviewOnly ? (
              tabs
            ) : (
              <Segments
                label={t.scope}
                testId="scope"
                value={scope}
                onChange={setScope}
                segments={[
                  { value: "all", label: t.all },
                  { value: "review", label: t.review },
                ]}
              />
            )}
            <Gap />
            {may("collection_record") ? (
              <Button chord={KEYS.collectFor.chord} onClick={() => runAction("collectFor")} data-testid="collection-new">
                {t.record}
              </Button>
            ) : null}
          </>
        }
        aside={
          shown === undefined ? (
            <EmptyState title={t.choose} />
          ) : (
            <>
              <CollectionFacts view={shown} />
              {mayDecide && waits && own ? <Quiet>{t.own}</Quiet> : null}
              {refundable ? (
                <Actions>
                  <Button chord={KEYS.refund.chord} onClick={() => runAction("refund")} data-testid="collection-refund">
                    {r.refund}
                  </Button>
                </Actions>
              ) : null}
              {mayDecide && decidable ? (
                <Actions>
                  <Button tone="primary" chord={KEYS.confirmMoney.chord} busy={confirm.busy} onClick={() => runAction("confirmMoney")} data-testid="collection-confirm">
                    {t.confirm}
                  </Button>
                  {may("collection_reject") ? (
                    <Button tone="bad" chord={KEYS.rejectMoney.chord} onClick={() => runAction("rejectMoney")} data-testid="collection-reject">
                      {t.reject}
                    </Button>
                  ) : null}
                </Actions>
              ) : null}
            </>
          )
        }
      >
        {list.error === null ? (
          <DataGrid
            label={t.list}
            rows={rows}
            columns={columns}
            rowKey={(row) => row.collection.id}
            rowData={collectionData}
            onActive={(row) => row !== null && setActive(row.collection.id)}
            onNearEnd={list.more}
            initialKey={collection}
            autoFocus
            empty={
              list.loading ? null : scope === "review" ? (
                <EmptyState title={t.noneReview} detail={t.noneReviewDetail} />
              ) : (
                <EmptyState title={t.none} detail={t.noneDetail} />
              )
            }
          />
        ) : (
          <ErrorPanel title={errorText(list.error.why)} code={list.error.why.code} />
        )}
      </Page>
      {refunding && shown !== undefined ? <CollectionRefundDialog view={shown} onClose={() => setRefunding(false)} /> : null}
      {rejecting && shown !== undefined ? <RejectDialog view={shown} onClose={() => setRejecting(false)} /> : null}
    </>
  );
}

function CollectionFacts({ view }: { view: CollectionView }) {
  const t = useT(messages);
  const r = useT(refundMessages);
  const w = useT(words);
  const { collection } = view;
  return (
    <>
      <div className={styles.name}>
        <h1>{collection.number}</h1>
        <CollectionTag view={view} />
      </div>
      <Facts
        layout="tiles"
        facts={[
          { label: t.amount, value: formatMoney(collection.amount_fen) },
          { label: t.unapplied, value: formatMoney(collection.unapplied_fen) },
          ...(isZeroMoney(collection.moved_fen) ? [] : [{ label: t.moved, value: formatMoney(collection.moved_fen) }]),
          ...(isZeroMoney(collection.refunded_fen) ? [] : [{ label: r.refunded, value: formatMoney(collection.refunded_fen) }]),
        ]}
      />
      <Facts
        facts={[
          { label: t.distributor, value: collection.distributor_name },
          { label: t.method, value: w.methods[collection.method] },
          { label: t.purpose, value: w.purposes[collection.purpose] },
          { label: t.recordedAt, value: formatDateTime(collection.recorded_at) },
          ...(collection.transaction_record === null ? [] : [{ label: w.fee, value: <Fee record={collection.transaction_record} /> }]),
          ...(collection.note === "" ? [] : [{ label: t.note, value: collection.note }]),
          ...(collection.reason === "" ? [] : [{ label: t.rejectedFor, value: collection.reason }]),
        ]}
      />
      {collection.after_lease ? <StateTag tone="warn">{t.afterLease}</StateTag> : null}
      {view.attention === null ? null : <StateTag tone="bad">{errorText(view.attention)}</StateTag>}
      {collection.allocations.length === 0 ? null : (
        <section>
          <h2>{t.allocations}</h2>
          {collection.allocations.map((allocation) => (
            <Allocated key={allocation.order} order={allocation.order} amount={allocation.amount_fen} />
          ))}
        </section>
      )}
      {collection.slip_sha256 === "" ? null : <Slip key={collection.id} collection={collection.id} />}
      {collection.intent === null ? null : <Recorded intent={collection.intent} />}
      {collection.transaction_record === null ? null : <Refunded collection={collection.id} />}
    </>
  );
}

function Slip({ collection }: { collection: CollectionId }) {
  const t = useT(messages);
  const slip = useRead("collection_slip", { collection });
  return (
    <section>
      <h2>{t.slip}</h2>
      {slip.data === undefined ? (
        <Quiet>{slip.error === null ? "" : t.slipWaits}</Quiet>
      ) : (
        <img src={`data:image/jpeg;base64,${slip.data.jpeg}`} alt={t.slip} className={styles.slip} data-testid="slip-photo" />
      )}
    </section>
  );
}

/** What the channel said: the record that made this collection, and that nobody typed. */
function Recorded({ intent }: { intent: string }) {
  const t = useT(messages);
  const w = useT(words);
  const record = useRead("pay_view", { intent }).data?.transaction_record;
  if (record === undefined || record === null) return null;
  return (
    <section data-testid="transaction-record">
      <h2>{t.transactionRecord}</h2>
      <Facts
        facts={[
          { label: t.channel, value: w.channels[record.channel] },
          { label: t.providerNo, value: <code>{record.provider_no}</code> },
          { label: t.attempt, value: <code>{record.out_trade_no}</code> },
          { label: t.payer, value: record.payer },
          { label: t.gross, value: formatMoney(record.gross_fen) },
          ...(record.fee_fen === null ? [] : [{ label: t.fee, value: formatMoney(record.fee_fen) }]),
          { label: t.paidAt, value: formatDateTime(record.paid_at) },
        ]}
      />
    </section>
  );
}

function Refunded({ collection }: { collection: string }) {
  const r = useT(refundMessages);
  const { data } = useRead("refund_options", { collection });
  if (data === undefined || data.refunds.length === 0) return null;
  return (
    <section>
      <h2>{r.refunds}</h2>
      <Facts facts={data.refunds.map((view) => ({ label: formatMoney(view.refund.amount_fen), value: <RefundTag view={view} /> }))} />
    </section>
  );
}

function Allocated({ order, amount }: { order: string; amount: string }) {
  const t = useT(messages);
  const detail = useRead("order_detail", { order });
  if (isZeroMoney(amount)) return null;
  return (
    <Facts
      facts={[
        {
          label: detail.data?.order.order.number ?? t.order,
          value: (
            <>
              {formatMoney(amount)}{" "}
              <Button tone="quiet" onClick={() => navigate("orders", { order })}>
                {t.order}
              </Button>
            </>
          ),
        },
      ]}
    />
  );
}

function RejectDialog({ view, onClose }: { view: CollectionView; onClose: () => void }) {
  const t = useT(messages);
  const reject = useAct("collection_reject");
  const go = async (reason: string): Promise<void> => {
    if ((await reject.run({ collection: view.collection.id, reason })) === null) return;
    say("info", t.rejected(view.collection.number));
    onClose();
  };
  return (
    <ReasonDialog
      title={`${t.rejectTitle} · ${view.collection.number} · ${formatMoney(view.collection.amount_fen)}`}
      words={{ reason: t.reason, back: t.cancel, go: t.reject }}
      busy={reject.busy}
      onGo={(reason) => void go(reason)}
      onClose={onClose}
      testId="collection-reject"
    >
      <p>{t.rejectAsk}</p>
    </ReasonDialog>
  );
}
