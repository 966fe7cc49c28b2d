/// Where one begins: what is half done, which QRs are live, what waits for a person. One key into any.
import { useEffect, useMemo, useState } from "react";
import { navigate } from "../../app/router";
import type { DraftRow, PayView } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { Gap, Page, Panel, Quiet, Stack } from "../../components/Page";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { formatCountdown, formatDate, formatShort } from "../../i18n/time";
import { formatAmount } from "../../money";
import { messages as payMessages } from "../payments/messages";
import { situation } from "../payments/state";
import { AttentionGrid } from "../sync/AttentionGrid";
import { messages } from "./messages";

export function TodayScreen() {
  const t = useT(messages);
  const pay = useT(payMessages);
  const drafts = useRead("draft_list", {});
  const live = useRead("pay_live", {});
  const since = live.dataUpdatedAt;
  const now = useClock();

  const draftColumns = useMemo<Column<DraftRow>[]>(
    () => [
      { id: "number", header: t.columns.number, width: 150, cell: (row) => row.number },
      {
        id: "distributor",
        header: t.columns.distributor,
        width: 200,
        grow: true,
        cell: (row) => (row.edits ? <>{row.distributor_name} <StateTag tone="warn">{t.edits}</StateTag></> : row.distributor_name === "" ? <Quiet>{t.noDistributor}</Quiet> : row.distributor_name),
      },
      { id: "lines", header: t.columns.lines, width: 80, align: "end", cell: (row) => row.lines },
      { id: "total", header: t.columns.total, width: 140, align: "end", cell: (row) => formatAmount(row.total_fen) },
      { id: "saved", header: t.columns.saved, width: 120, cell: (row) => formatShort(row.saved_at) },
    ],
    [t],
  );
  const liveColumns = useMemo<Column<PayView>[]>(() => {
    const left = (view: PayView): number => Math.max(0, view.left_ms - Math.max(0, now - since));
    return [
      { id: "number", header: t.columns.number, width: 150, cell: (view) => view.order_numbers.join("、") || pay.topUp },
      { id: "distributor", header: t.columns.distributor, width: 200, grow: true, cell: (view) => view.distributor_name },
      { id: "check", header: t.columns.check, width: 90, cell: (view) => view.intent.intent.check_code },
      { id: "total", header: t.columns.total, width: 140, align: "end", cell: (view) => formatAmount(view.intent.intent.amount_fen) },
      { id: "left", header: t.columns.left, width: 80, align: "end", cell: (view) => formatCountdown(left(view) / 1_000) },
      {
        id: "state",
        header: t.columns.state,
        width: 300,
        cell: (view) => {
          const { key, tone } = situation(view, left(view));
          return <StateTag tone={tone}>{pay.says[key]}</StateTag>;
        },
      },
    ];
  }, [t, pay, now, since]);

  return (
    <Page
      label={t.title}
      bar={
        <>
          <h1>
            {t.title} · {formatDate(now)}
          </h1>
          <Gap />
          <Quiet>{t.hint}</Quiet>
        </>
      }
    >
      <Stack>
        <Panel title={t.drafts} count={drafts.data?.length ?? 0}>
          <DataGrid
            label={t.drafts}
            rows={drafts.data ?? []}
            columns={draftColumns}
            rowKey={(row) => row.order}
            rowData={(row) => ({ "data-testid": "draft-row", "data-number": row.number })}
            onOpen={(row) => navigate("order-entry", { order: row.order })}
            autoFocus
            empty={drafts.data === undefined ? null : <EmptyState title={t.noDrafts} />}
          />
        </Panel>
        <Panel title={t.live} count={live.data?.length ?? 0}>
          <DataGrid
            label={t.live}
            rows={live.data ?? []}
            columns={liveColumns}
            rowKey={(view) => view.intent.intent.id}
            rowData={(view) => ({ "data-testid": "live-row", "data-state": view.intent.intent.state })}
            onOpen={(view) => navigate("pay", { intent: view.intent.intent.id })}
            empty={live.data === undefined ? null : <EmptyState title={t.noLive} />}
          />
        </Panel>
        <Panel title={t.attention}>
          <AttentionGrid />
        </Panel>
      </Stack>
    </Page>
  );
}

/** Milliseconds, ticking each second: for countdowns on this screen only. */
function useClock(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const tick = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(tick);
  }, []);
  return now;
}
