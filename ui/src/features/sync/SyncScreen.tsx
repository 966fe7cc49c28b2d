/// What this terminal still has to say and how well it hears: every count is a count of rows. "Work
/// offline" stays on until a person switches it off.
import { useMemo } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import type { OutboxRow } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { Facts, Gap, Page, Panel, Quiet, Stack } from "../../components/Page";
import { StateTag, type Tone } from "../../components/StateTag";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime, formatShort, formatTime } from "../../i18n/time";
import { kindText, words } from "../../i18n/words";
import { AttentionGrid } from "./AttentionGrid";
import { messages } from "./messages";

type RowState = keyof (typeof messages)["zh-CN"]["rowStates"];
const TONES: Record<RowState, Tone> = {
  waiting: "warn",
  applied: "accent",
  applied_with_difference: "bad",
  rejected: "bad",
  blocked: "warn",
};

function stateOf({ operation }: OutboxRow): RowState {
  const { verdict } = operation;
  return verdict !== null && verdict in TONES ? (verdict as RowState) : "waiting";
}

export function SyncScreen() {
  const t = useT(messages);
  const w = useT(words);
  const sync = useRead("sync_status", {});
  const outbox = useRead("outbox_list", {});
  const now = useAct("sync_now");
  const hold = useAct("work_offline");
  const columns = useMemo<Column<OutboxRow>[]>(
    () => [
      { id: "seq", header: t.columns.seq, width: 64, align: "end", cell: ({ operation }) => operation.seq },
      { id: "kind", header: t.columns.kind, width: 150, cell: ({ operation }) => kindText(w, operation.kind) },
      { id: "subject", header: t.columns.subject, width: 160, cell: ({ subject }) => subject },
      { id: "staff", header: t.columns.staff, width: 100, cell: ({ staff_name }) => staff_name },
      { id: "at", header: t.columns.at, width: 104, cell: ({ operation }) => formatShort(operation.at) },
      {
        id: "state",
        header: t.columns.state,
        width: 220,
        grow: true,
        cell: (row) => (
          <>
            <StateTag tone={TONES[stateOf(row)]}>{t.rowStates[stateOf(row)]}</StateTag>{" "}
            {row.operation.reason === null ? null : errorText(row.operation.reason)}
          </>
        ),
      },
    ],
    [t, w],
  );
  const status = sync.data;
  const on = status?.connectivity === "work_offline";
  useKeys({
    retry: !on && !now.busy && (() => void now.run({})),
    holdOffline: status !== undefined && !hold.busy && (() => void hold.run({ on: !on })),
  });
  return (
    <Page
      label={t.title}
      bar={
        <>
          <h1>{status === undefined ? t.title : t.states[status.connectivity]}</h1>
          {status === undefined ? null : <Quiet>{t.since(formatTime(status.since))}</Quiet>}
          <Gap />
          <Button
            role="switch"
            aria-checked={on}
            chord={KEYS.holdOffline.chord}
            busy={hold.busy}
            title={t.workOfflineHint}
            onClick={() => runAction("holdOffline")}
            data-testid="work-offline"
          >
            {on ? t.workOfflineOn : t.workOfflineOff}
          </Button>
          <Button tone="primary" chord={KEYS.retry.chord} busy={now.busy} disabled={on || now.busy} onClick={() => runAction("retry")} data-testid="sync-now">
            {t.syncNow}
          </Button>
        </>
      }
      aside={
        status === undefined ? (
          ""
        ) : (
          <>
            <Facts
              layout="tiles"
              facts={[
                { label: t.pending, value: status.pending, testId: "sync-pending", data: { "data-count": String(status.pending) } },
                { label: t.attentionCount, value: status.attention },
                { label: t.tickets, value: status.tickets_left, testId: "tickets-left", data: { "data-left": String(status.tickets_left) } },
              ]}
            />
            <Facts
              facts={[
                { label: t.lastContact, value: status.last_contact === null ? t.never : formatDateTime(status.last_contact) },
                { label: t.catalogue, value: status.catalogue_as_of === null ? "–" : formatDateTime(status.catalogue_as_of) },
                { label: t.requests, value: status.requests, testId: "sync-requests", data: { "data-count": String(status.requests) } },
              ]}
            />
            <Quiet>{t.workOfflineHint}</Quiet>
            {status.connectivity === "enrol_again" ? <StateTag tone="bad">{t.enrolAgain}</StateTag> : null}
          </>
        )
      }
    >
      <Stack>
        <Panel title={t.outbox} count={outbox.data?.length ?? 0}>
          <DataGrid
            label={t.outbox}
            rows={outbox.data ?? []}
            columns={columns}
            rowKey={(row) => row.operation.op_id}
            rowData={(row) => ({
              "data-testid": "outbox-row",
              "data-kind": row.operation.kind,
              "data-state": stateOf(row),
              "data-subject": row.subject,
            })}
            autoFocus
            empty={outbox.data === undefined ? null : <EmptyState title={t.outboxEmpty} detail={t.outboxEmptyDetail} />}
          />
        </Panel>
        <Panel title={t.attention}>
          <AttentionGrid />
        </Panel>
      </Stack>
    </Page>
  );
}
