/// Refunds on finance's desk: what waits for approval, all of them, and money that came twice. Who
/// asked never approves (rule 9.5); the core refuses, and so says the screen.
import { type ReactNode, useMemo, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import type { Permission, RefundableMoney, RefundId, RefundView, TransactionRecordId } from "../../api/generated";
import { usePages, useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Actions, Facts, Page, Quiet } from "../../components/Page";
import { ReasonDialog } from "../../components/ReasonDialog";
import { Segments } from "../../components/Segments";
import { StateTag, type Tone } from "../../components/StateTag";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime, formatShort } from "../../i18n/time";
import { words } from "../../i18n/words";
import { formatAmount, formatMoney } from "../../money";
import styles from "./CollectionEntry.module.css";
import { TwiceRefundDialog } from "./RefundDialog";
import { refundMessages } from "./refundMessages";

const TONE: Record<RefundView["refund"]["state"], Tone> = { requested: "warn", rejected: "bad", approved: "accent", sending: "accent", failed: "bad", done: "ok" };

export function RefundTag({ view }: { view: RefundView }) {
  const t = useT(refundMessages);
  const w = useT(words);
  if (view.attention !== null) return <StateTag tone="bad">{w.toLookAt}</StateTag>;
  if (view.deciding !== null) return <StateTag tone="accent">{t.deciding[view.deciding]}</StateTag>;
  return <StateTag tone={TONE[view.refund.state]}>{t.states[view.refund.state]}</StateTag>;
}

interface Props {
  tabs: ReactNode;
  may: (permission: Permission) => boolean;
}

export function RefundDesk({ tabs, may }: Props) {
  const t = useT(refundMessages);
  const [scope, setScope] = useState<"waiting" | "all" | "twice">("waiting");
  const bar = (
    <>
      {tabs}
      <Segments
        label={t.scope}
        testId="refund-scope"
        value={scope}
        onChange={setScope}
        segments={[
          { value: "waiting", label: t.waiting },
          { value: "all", label: t.all },
          { value: "twice", label: t.twice },
        ]}
      />
    </>
  );
  return scope === "twice" ? <Twice bar={bar} may={may} /> : <Refunds key={scope} bar={bar} may={may} waitingOnly={scope === "waiting"} />;
}

function Refunds({ bar, may, waitingOnly }: { bar: ReactNode; may: Props["may"]; waitingOnly: boolean }) {
  const t = useT(refundMessages);
  const w = useT(words);
  const [active, setActive] = useState<RefundId | null>(null);
  const [rejecting, setRejecting] = useState(false);
  const list = usePages("refund_list", { waiting_only: waitingOnly }, (row) => row.refund.requested_at, waitingOnly);
  const session = useRead("session_state", {});
  const approve = useAct("refund_approve");
  const shown = list.rows.find((row) => row.refund.id === active);
  const waits = shown !== undefined && shown.refund.state === "requested" && shown.deciding === null;
  const own = shown !== undefined && shown.refund.requested_by === session.data?.staff?.id;
  const decidable = may("refund_approve") && waits && !own;

  const accept = async (): Promise<void> => {
    if (shown === undefined) return;
    const done = await approve.run({ refund: shown.refund.id });
    if (done !== null) say("ok", t.approved(formatMoney(shown.refund.amount_fen)));
  };
  useKeys({
    confirmMoney: decidable && !approve.busy && (() => void accept()),
    rejectMoney: decidable && (() => setRejecting(true)),
  });
  const columns = useMemo<Column<RefundView>[]>(
    () => [
      { id: "subject", header: t.columns.subject, width: 136, cell: ({ refund }) => refund.subject },
      { id: "distributor", header: t.columns.distributor, width: 120, grow: true, cell: ({ refund }) => refund.distributor_name },
      { id: "at", header: t.columns.at, width: 98, cell: ({ refund }) => formatShort(refund.requested_at) },
      { id: "channel", header: t.columns.channel, width: 102, cell: ({ refund }) => w.channels[refund.channel] },
      { id: "amount", header: t.columns.amount, width: 106, align: "end", cell: ({ refund }) => formatAmount(refund.amount_fen) },
      { id: "state", header: t.columns.state, width: 158, cell: (view) => <RefundTag view={view} /> },
    ],
    [t, w],
  );

  return (
    <>
      <Page
        label={t.refunds}
        asideWidth="wide"
        bar={bar}
        aside={
          shown === undefined ? (
            <EmptyState title={t.choose} />
          ) : (
            <>
              <RefundFacts view={shown} />
              {may("refund_approve") && waits && own ? <Quiet>{t.own}</Quiet> : null}
              {decidable ? (
                <Actions>
                  <Button tone="primary" chord={KEYS.confirmMoney.chord} busy={approve.busy} onClick={() => runAction("confirmMoney")} data-testid="refund-approve">
                    {t.approve}
                  </Button>
                  <Button tone="bad" chord={KEYS.rejectMoney.chord} onClick={() => runAction("rejectMoney")} data-testid="refund-reject">
                    {t.reject}
                  </Button>
                </Actions>
              ) : null}
            </>
          )
        }
      >
        {list.error === null ? (
          <DataGrid
            label={t.refunds}
            rows={list.rows}
            columns={columns}
            rowKey={(row) => row.refund.id}
            rowData={({ refund, deciding }) => ({
              "data-testid": "refund-row",
              "data-state": refund.state,
              "data-deciding": deciding ?? "",
              "data-amount-fen": refund.amount_fen,
            })}
            onActive={(row) => row !== null && setActive(row.refund.id)}
            onNearEnd={list.more}
            autoFocus
            empty={list.loading ? null : <EmptyState title={waitingOnly ? t.noneWaiting : t.none} />}
          />
        ) : (
          <ErrorPanel title={errorText(list.error.why)} code={list.error.why.code} />
        )}
      </Page>
      {rejecting && shown !== undefined ? <RejectDialog view={shown} onClose={() => setRejecting(false)} /> : null}
    </>
  );
}

export function RefundFacts({ view }: { view: RefundView }) {
  const t = useT(refundMessages);
  const w = useT(words);
  const { refund } = view;
  return (
    <>
      <div className={styles.name}>
        <h1>{formatMoney(refund.amount_fen)}</h1>
        <RefundTag view={view} />
      </div>
      <Facts
        facts={[
          { label: t.columns.subject, value: refund.subject },
          { label: t.columns.distributor, value: refund.distributor_name },
          { label: t.columns.channel, value: w.channels[refund.channel] },
          { label: t.takesFrom, value: t.from[refund.from] },
          { label: t.reason, value: refund.reason },
          { label: t.requestedAt, value: formatDateTime(refund.requested_at) },
          ...(refund.out_refund_no === null ? [] : [{ label: t.number, value: refund.out_refund_no }]),
          ...(refund.ended_at === null ? [] : [{ label: t.endedAt, value: formatDateTime(refund.ended_at) }]),
          ...(refund.refused_for === "" ? [] : [{ label: t.refusedFor, value: refund.refused_for }]),
        ]}
      />
      {view.attention === null ? null : <StateTag tone="bad">{errorText(view.attention)}</StateTag>}
    </>
  );
}

function Twice({ bar, may }: { bar: ReactNode; may: Props["may"] }) {
  const t = useT(refundMessages);
  const w = useT(words);
  const [active, setActive] = useState<TransactionRecordId | null>(null);
  const [asking, setAsking] = useState(false);
  const list = useRead("refundable_list", {});
  const rows = list.data ?? [];
  const shown = rows.find((row) => row.transaction_record === active);
  const mayAsk = may("refund_request");
  useKeys({ refund: mayAsk && shown !== undefined && (() => setAsking(true)) });
  const columns = useMemo<Column<RefundableMoney>[]>(
    () => [
      { id: "subject", header: t.columns.subject, width: 220, cell: (row) => row.provider_no },
      { id: "distributor", header: t.columns.distributor, width: 120, grow: true, cell: (row) => row.distributor_name },
      { id: "channel", header: t.columns.channel, width: 102, cell: (row) => w.channels[row.channel] },
      { id: "left", header: t.columns.left, width: 106, align: "end", cell: (row) => formatAmount(row.left_fen) },
    ],
    [t, w],
  );
  return (
    <>
      <Page
        label={t.twice}
        asideWidth="wide"
        bar={bar}
        aside={
          shown === undefined || !mayAsk ? (
            <EmptyState title={t.choose} />
          ) : (
            <Actions>
              <Button tone="primary" chord={KEYS.refund.chord} onClick={() => runAction("refund")} data-testid="refund-twice">
                {t.refund}
              </Button>
            </Actions>
          )
        }
      >
        <DataGrid
          label={t.twice}
          rows={rows}
          columns={columns}
          rowKey={(row) => row.transaction_record}
          rowData={(row) => ({ "data-testid": "twice-row", "data-amount-fen": row.left_fen })}
          onActive={(row) => row !== null && setActive(row.transaction_record)}
          autoFocus
          empty={list.isPending ? null : <EmptyState title={t.noneTwice} />}
        />
      </Page>
      {asking && shown !== undefined ? <TwiceRefundDialog money={shown} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

function RejectDialog({ view, onClose }: { view: RefundView; onClose: () => void }) {
  const t = useT(refundMessages);
  const reject = useAct("refund_reject");
  const go = async (reason: string): Promise<void> => {
    if ((await reject.run({ refund: view.refund.id, reason })) === null) return;
    say("info", t.rejected);
    onClose();
  };
  return (
    <ReasonDialog
      title={`${t.rejectTitle} · ${view.refund.subject} · ${formatMoney(view.refund.amount_fen)}`}
      words={{ reason: t.reason, back: t.back, go: t.reject }}
      busy={reject.busy}
      onGo={(reason) => void go(reason)}
      onClose={onClose}
      testId="refund-reject"
    />
  );
}
