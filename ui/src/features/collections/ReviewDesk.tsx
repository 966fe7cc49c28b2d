/// Work under review on finance's desk: what waits, what it says, and the decision by name. Nobody
/// decides on their own work (rule 9.5); the core refuses, and so says the screen.
import { type ReactNode, useMemo, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import type { OpId, Permission, WaitingWork } from "../../api/generated";
import { useRead } from "../../api/hooks";
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
import { kindText, words } from "../../i18n/words";
import { formatAmount, formatMoney } from "../../money";
import { terminalMessages, wordText } from "../console/terminalMessages";
import styles from "./CollectionEntry.module.css";

interface Props {
  tabs: ReactNode;
  may: (permission: Permission) => boolean;
}

export function ReviewDesk({ tabs, may }: Props) {
  const t = useT(terminalMessages);
  const w = useT(words);
  const [active, setActive] = useState<OpId | null>(null);
  const [rejecting, setRejecting] = useState(false);
  const read = useRead("review_list", {});
  const session = useRead("session_state", {});
  const release = useAct("review_release");
  const rows = read.data?.work ?? [];
  const total = read.data?.total ?? 0;
  const shown = rows.find((row) => row.op === active);
  const own = shown !== undefined && shown.staff === session.data?.staff?.id;
  const decidable = may("review_decide") && shown !== undefined && !own;
  const releasable = decidable && !shown.builds_on && shown.content !== null;

  const accept = async (): Promise<void> => {
    if (shown === undefined) return;
    const done = await release.run({ op: shown.op });
    if (done !== null) say("ok", t.decidedAs(wordText(t, done.decided[0]?.after ?? "")));
  };
  useKeys({
    confirmMoney: releasable && !release.busy && (() => void accept()),
    rejectMoney: decidable && (() => setRejecting(true)),
  });
  const columns = useMemo<Column<WaitingWork>[]>(
    () => [
      { id: "terminal", header: t.code, width: 76, cell: (row) => row.terminal_code },
      { id: "document", header: t.document, width: 136, cell: (row) => row.content?.number || "–" },
      { id: "kind", header: t.kind, width: 130, cell: (row) => kindText(w, row.kind) },
      { id: "distributor", header: t.distributor, width: 120, grow: true, cell: (row) => row.content?.distributor_name ?? "" },
      { id: "amount", header: t.amount, width: 106, align: "end", cell: ({ content }) => (content === null || content.amount_fen === null ? "" : formatAmount(content.amount_fen)) },
      { id: "cause", header: t.cause, width: 150, cell: (row) => <StateTag tone="warn">{t.causes[row.cause]}</StateTag> },
      { id: "age", header: t.age, width: 98, cell: (row) => formatShort(row.received_at) },
    ],
    [t, w],
  );
  return (
    <>
      <Page
        label={t.review}
        asideWidth="wide"
        bar={
          <>
            {tabs}
            {total > rows.length ? <Quiet>{t.more(rows.length, total)}</Quiet> : null}
          </>
        }
        aside={
          shown === undefined ? (
            <EmptyState title={t.choose} />
          ) : (
            <>
              <WorkFacts work={shown} />
              {own ? <Quiet>{t.own}</Quiet> : null}
              {decidable ? (
                <Actions>
                  <Button tone="primary" chord={KEYS.confirmMoney.chord} busy={release.busy} disabled={!releasable} onClick={() => runAction("confirmMoney")} data-testid="review-release">
                    {t.release}
                  </Button>
                  <Button tone="bad" chord={KEYS.rejectMoney.chord} onClick={() => runAction("rejectMoney")} data-testid="review-reject">
                    {t.reject}
                  </Button>
                </Actions>
              ) : null}
              <Quiet>{t.releaseNote}</Quiet>
            </>
          )
        }
      >
        {read.error === null ? (
          <DataGrid
            label={t.review}
            rows={rows}
            columns={columns}
            rowKey={(row) => row.op}
            rowData={(row) => ({ "data-testid": "review-row", "data-kind": row.kind, "data-builds-on": String(row.builds_on) })}
            onActive={(row) => row !== null && setActive(row.op)}
            autoFocus
            empty={read.isPending ? null : <EmptyState title={t.none} />}
          />
        ) : (
          <ErrorPanel title={read.error.why.code === "unreachable" ? t.offline : errorText(read.error.why)} code={read.error.why.code} />
        )}
      </Page>
      {rejecting && shown !== undefined ? <RejectDialog work={shown} onClose={() => setRejecting(false)} /> : null}
    </>
  );
}

/** What an operation under review says, and where it comes from. */
function WorkFacts({ work }: { work: WaitingWork }) {
  const t = useT(terminalMessages);
  const w = useT(words);
  const { content } = work;
  const says = (label: string, value: string) => (value === "" ? [] : [{ label, value }]);
  return (
    <>
      <div className={styles.name}>
        <h1>{content?.number || kindText(w, work.kind)}</h1>
        <StateTag tone="warn">{t.causes[work.cause]}</StateTag>
      </div>
      <Quiet>{t.causeNotes[work.cause]}</Quiet>
      {content === null ? <StateTag tone="bad">{t.unreadable}</StateTag> : null}
      {work.builds_on ? <Quiet>{t.buildsOn}</Quiet> : null}
      <Facts
        facts={[
          { label: t.kind, value: kindText(w, work.kind) },
          ...(content === null
            ? []
            : [
                ...says(t.distributor, content.distributor_name),
                ...says(t.amount, content.amount_fen === null ? "" : formatMoney(content.amount_fen)),
                ...says(t.method, content.method === null ? "" : w.methods[content.method]),
                ...content.lines.map((line) => ({ label: line.name, value: `${line.quantity} ${line.unit} · ${formatMoney(line.amount_fen)}`, testId: "review-line" })),
                ...says(t.note, content.note),
              ]),
          { label: t.author, value: work.staff_name || "–" },
          { label: t.madeAt, value: formatDateTime(work.at) },
          { label: t.age, value: formatDateTime(work.received_at) },
          { label: work.terminal_code, value: t.logOf(work.incarnation, work.seq) },
        ]}
      />
    </>
  );
}

function RejectDialog({ work, onClose }: { work: WaitingWork; onClose: () => void }) {
  const t = useT(terminalMessages);
  const w = useT(words);
  const reject = useAct("review_reject");
  const go = async (reason: string): Promise<void> => {
    const done = await reject.run({ op: work.op, reason });
    if (done === null) return;
    say("info", t.decidedAs(wordText(t, "rejected")));
    onClose();
  };
  return (
    <ReasonDialog
      title={`${t.rejectTitle} · ${work.content?.number || kindText(w, work.kind)}`}
      words={{ reason: t.reason, back: t.back, go: t.reject }}
      busy={reject.busy}
      onGo={(reason) => void go(reason)}
      onClose={onClose}
      testId="review-reject"
    />
  );
}
