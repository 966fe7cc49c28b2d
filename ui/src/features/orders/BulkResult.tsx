/// What became of each order that money was asked for in bulk: the QR that asks for it, or why none does.
import { useMemo, useState } from "react";
import { navigate } from "../../app/router";
import type { BulkRow } from "../../api/generated";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatAmount } from "../../money";
import { messages } from "./messages";
import styles from "./BulkResult.module.css";

export function BulkResult({ rows, onClose }: { rows: readonly BulkRow[]; onClose: () => void }) {
  const t = useT(messages);
  const asked = rows.filter((row) => row.intent !== null);
  const codes = new Set(asked.map((row) => row.intent));
  const [active, setActive] = useState<BulkRow | null>(asked[0] ?? rows[0] ?? null);
  const columns = useMemo<Column<BulkRow>[]>(
    () => [
      { id: "number", header: t.bulkColumns.number, width: 150, cell: (row) => row.number },
      { id: "distributor", header: t.bulkColumns.distributor, width: 150, cell: (row) => row.distributor_name },
      { id: "amount", header: t.bulkColumns.amount, width: 110, align: "end", cell: (row) => (row.intent === null ? "–" : formatAmount(row.asked_fen)) },
      {
        id: "result",
        header: t.bulkColumns.result,
        width: 220,
        grow: true,
        cell: (row) => (row.refused === null ? <StateTag tone="ok">{t.bulkDone}</StateTag> : <StateTag tone="bad">{errorText(row.refused)}</StateTag>),
      },
    ],
    [t],
  );
  const show = (row: BulkRow | null): void => {
    if (row === null || row.intent === null) return;
    onClose();
    navigate("pay", { intent: row.intent });
  };
  return (
    <Dialog
      title={t.bulkTitle}
      size="wide"
      onClose={onClose}
      onConfirm={() => show(active)}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.close}
          </Button>
          {asked.length === 0 ? null : (
            <Button tone="primary" chord="Enter" disabled={active === null || active.intent === null} onClick={() => show(active)} data-testid="bulk-show">
              {t.showQr}
            </Button>
          )}
        </>
      }
    >
      <p data-testid="bulk-summary">
        {asked.length === 0 ? t.bulkNone : t.bulkAsked(asked.length, codes.size)} {asked.length === rows.length ? "" : t.bulkRefused(rows.length - asked.length)}
      </p>
      <div className={styles.rows}>
        <DataGrid
          label={t.bulkTitle}
          rows={rows}
          columns={columns}
          rowKey={(row) => row.order}
          rowData={(row) => ({ "data-testid": "bulk-row", "data-number": row.number, "data-refused": row.refused?.code ?? "" })}
          onActive={setActive}
          onOpen={show}
          initialKey={active?.order}
          autoFocus
        />
      </div>
    </Dialog>
  );
}
