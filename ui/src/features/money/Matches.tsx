/// Proposals of where money belongs: what waits for approval, and all of them.
import { type ReactNode, useMemo, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import type { MatchId, MatchRow, Permission } from "../../api/generated";
import { usePages, useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Actions, Facts, Page, Quiet } from "../../components/Page";
import { ReasonDialog } from "../../components/ReasonDialog";
import { StateTag } from "../../components/StateTag";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime, formatShort } from "../../i18n/time";
import { formatAmount, formatMoney } from "../../money";
import styles from "../collections/CollectionEntry.module.css";
import { messages } from "./messages";
import { Evidence, MatchTag } from "./parts";

interface Props {
  bar: ReactNode;
  may: (permission: Permission) => boolean;
  waitingOnly: boolean;
}

export function Matches({ bar, may, waitingOnly }: Props) {
  const t = useT(messages);
  const [active, setActive] = useState<MatchId | null>(null);
  const [rejecting, setRejecting] = useState(false);
  const list = usePages("match_list", { waiting_only: waitingOnly }, (row) => row.view.money_match.proposed_at, waitingOnly);
  const session = useRead("session_state", {});
  const approve = useAct("match_approve");
  const reject = useAct("match_reject");
  const shown = list.rows.find((row) => row.view.money_match.id === active);
  const doc = shown?.view.money_match;
  const waits = doc?.state === "proposed" && shown?.view.deciding === null;
  const own = doc !== undefined && doc.proposed_by === session.data?.staff?.id;
  const decidable = may("match_money_approve") && waits && !own;

  const accept = async (): Promise<void> => {
    if (doc === undefined) return;
    if ((await approve.run({ money_match: doc.id })) !== null) say("ok", t.approved(formatMoney(doc.amount_fen)));
  };
  const refuse = async (reason: string): Promise<void> => {
    if (doc === undefined || (await reject.run({ money_match: doc.id, reason })) === null) return;
    say("info", t.rejected);
    setRejecting(false);
  };
  useKeys({
    confirmMoney: decidable && !approve.busy && (() => void accept()),
    rejectMoney: decidable && (() => setRejecting(true)),
  });
  const columns = useMemo<Column<MatchRow>[]>(
    () => [
      { id: "subject", header: t.columns.subject, width: 150, cell: ({ view }) => view.money_match.subject },
      { id: "distributor", header: t.columns.distributor, width: 110, grow: true, cell: ({ view }) => view.money_match.distributor_name },
      { id: "to", header: t.columns.to, width: 110, cell: ({ view }) => t.to[view.money_match.to] },
      { id: "at", header: t.columns.at, width: 98, cell: ({ view }) => formatShort(view.money_match.proposed_at) },
      { id: "amount", header: t.columns.amount, width: 106, align: "end", cell: ({ view }) => formatAmount(view.money_match.amount_fen) },
      { id: "state", header: t.columns.state, width: 150, cell: ({ view }) => <MatchTag view={view} /> },
    ],
    [t],
  );

  return (
    <>
      <Page
        label={t.money}
        asideWidth="wide"
        bar={bar}
        aside={
          shown === undefined ? (
            <EmptyState title={t.choose} />
          ) : (
            <>
              <MatchFacts row={shown} />
              {may("match_money_approve") && waits && own ? <Quiet>{t.own}</Quiet> : null}
              {decidable ? (
                <Actions>
                  <Button tone="primary" chord={KEYS.confirmMoney.chord} busy={approve.busy} onClick={() => runAction("confirmMoney")} data-testid="match-approve">
                    {t.approve}
                  </Button>
                  <Button tone="bad" chord={KEYS.rejectMoney.chord} onClick={() => runAction("rejectMoney")} data-testid="match-reject">
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
            label={t.money}
            rows={list.rows}
            columns={columns}
            rowKey={(row) => row.view.money_match.id}
            rowData={({ view }) => ({
              "data-testid": "match-row",
              "data-state": view.money_match.state,
              "data-deciding": view.deciding ?? "",
              "data-amount-fen": view.money_match.amount_fen,
            })}
            onActive={(row) => row !== null && setActive(row.view.money_match.id)}
            onNearEnd={list.more}
            autoFocus
            empty={list.loading ? null : <EmptyState title={waitingOnly ? t.noneWaiting : t.none} />}
          />
        ) : (
          <ErrorPanel title={errorText(list.error.why)} code={list.error.why.code} />
        )}
      </Page>
      {rejecting && doc !== undefined ? (
        <ReasonDialog
          title={`${t.rejectTitle} · ${doc.subject} · ${formatMoney(doc.amount_fen)}`}
          words={{ reason: t.refusedFor, back: t.back, go: t.reject }}
          busy={reject.busy}
          onGo={(reason) => void refuse(reason)}
          onClose={() => setRejecting(false)}
          testId="match-reject"
        />
      ) : null}
    </>
  );
}

function MatchFacts({ row }: { row: MatchRow }) {
  const t = useT(messages);
  const { view, order_numbers, evidence, proposed_by_name } = row;
  const doc = view.money_match;
  return (
    <>
      <div className={styles.name}>
        <h1>{formatMoney(doc.amount_fen)}</h1>
        <MatchTag view={view} />
      </div>
      <Facts
        facts={[
          { label: t.columns.subject, value: doc.subject },
          { label: t.distributor, value: doc.distributor_name },
          { label: t.columns.to, value: t.to[doc.to] },
          ...doc.allocations.map((part, at) => ({ label: order_numbers[at] ?? part.order, value: formatMoney(part.amount_fen) })),
          { label: t.reason, value: doc.reason },
          { label: t.proposedBy, value: proposed_by_name },
          { label: t.proposedAt, value: formatDateTime(doc.proposed_at) },
          ...(doc.state === "approved" ? [{ label: t.moved, value: formatMoney(doc.moved_fen) }] : []),
          ...(doc.refused_for === "" ? [] : [{ label: t.refusedFor, value: doc.refused_for }]),
        ]}
      />
      <Evidence record={evidence} />
      {view.attention === null ? null : <StateTag tone="bad">{errorText(view.attention)}</StateTag>}
    </>
  );
}
