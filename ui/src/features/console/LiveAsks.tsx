/// Switching online payment off while money is being asked for: what is live, and what becomes of it.
import { useMemo } from "react";
import type { LiveAsk } from "../../api/generated";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { useT } from "../../i18n";
import { formatShort } from "../../i18n/time";
import { words } from "../../i18n/words";
import { formatAmount } from "../../money";
import { liveMessages } from "./liveMessages";
import styles from "../orders/BulkResult.module.css";

interface Props {
  asks: readonly LiveAsk[];
  busy: boolean;
  onSave: () => void;
  onClose: () => void;
}

export function LiveAsks({ asks, busy, onSave, onClose }: Props) {
  const t = useT(liveMessages);
  const w = useT(words);
  const columns = useMemo<Column<LiveAsk>[]>(
    () => [
      { id: "number", header: t.columns.number, width: 150, cell: (row) => row.order_numbers.join("、") || w.purposes[row.intent.intent.purpose] },
      { id: "distributor", header: t.columns.distributor, width: 150, grow: true, cell: (row) => row.distributor_name },
      { id: "staff", header: t.columns.staff, width: 90, cell: (row) => row.staff_name },
      { id: "amount", header: t.columns.amount, width: 110, align: "end", cell: (row) => formatAmount(row.intent.intent.amount_fen) },
      { id: "state", header: t.columns.state, width: 100, cell: (row) => w.intentStates[row.intent.intent.state] },
      { id: "until", header: t.columns.until, width: 110, cell: (row) => formatShort(row.intent.intent.expires_at) },
    ],
    [t, w],
  );
  return (
    <Dialog
      title={t.title(asks.length)}
      size="wide"
      onClose={onClose}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.back}
          </Button>
          <Button tone="bad" busy={busy} onClick={onSave} data-testid="asks-save">
            {t.save}
          </Button>
        </>
      }
    >
      <p>{t.whatHappens}</p>
      <div className={styles.rows}>
        <DataGrid
          label={t.title(asks.length)}
          rows={asks}
          columns={columns}
          rowKey={(row) => row.intent.intent.id}
          rowData={(row) => ({ "data-testid": "live-ask", "data-state": row.intent.intent.state })}
          autoFocus
        />
      </div>
    </Dialog>
  );
}
