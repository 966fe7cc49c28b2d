/// Online payment for many orders at once. The button always shows; what is pressed is checked row by
/// row, and every row ends with its own result. Orders of one distributor share one QR: a payer pays
/// for one distributor.
import { useState } from "react";
import { call, CommandError, type ErrorCode } from "../../api/client";
import { useWrite } from "../../api/hooks";
import { navigate } from "../../app/router";
import type { IntentId, OrderRow } from "../../api/generated";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatAmount } from "../../money";
import { messages } from "./messages";

/** What became of a row. */
export type RowResult = { row: OrderRow } & (
  | { outcome: "asked"; intent: IntentId }
  | { outcome: "hidden" }
  | { outcome: "nothing_owed" }
  | { outcome: "refused"; why: ErrorCode }
);

/** Asks for the money of the rows; null while nothing was asked or the result was closed. */
export function useBulkPay() {
  const { mutateAsync } = useWrite("pay_orders");
  const [busy, setBusy] = useState(false);
  const [results, setResults] = useState<readonly RowResult[] | null>(null);

  const run = async (rows: readonly OrderRow[]): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      const { value: view } = await call("buttons", { object: "sales_order", placement: "list_bulk", orders: rows.map(({ id }) => id) });
      const shown = new Set(view.orders.filter(({ buttons }) => buttons.includes("online_payment")).map(({ order }) => order));
      const owing = (row: OrderRow): boolean => row.payment_state === "unpaid" || row.payment_state === "partly_paid";
      const asked = new Map<string, RowResult>();
      const groups = new Map<string, OrderRow[]>();
      for (const row of rows.filter((one) => shown.has(one.id) && owing(one))) {
        groups.set(row.distributor, [...(groups.get(row.distributor) ?? []), row]);
      }
      for (const group of groups.values()) {
        const done = await ask(mutateAsync, group);
        for (const result of done) asked.set(result.row.id, result);
      }
      setResults(
        rows.map((row) => asked.get(row.id) ?? { row, outcome: shown.has(row.id) ? "nothing_owed" : "hidden" }),
      );
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      setResults(rows.map((row) => ({ row, outcome: "refused", why: error.why })));
    } finally {
      setBusy(false);
    }
  };
  return { run, busy, results, close: () => setResults(null) };
}

type Ask = ReturnType<typeof useWrite<"pay_orders">>["mutateAsync"];

/** One distributor's rows: together if they all can be asked for, else one by one. */
async function ask(pay: Ask, group: readonly OrderRow[]): Promise<RowResult[]> {
  try {
    const view = await pay({ orders: group.map(({ id }) => id), amount_fen: null });
    return group.map((row) => ({ row, outcome: "asked", intent: view.intent.intent.id }));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const [first] = group;
    if (group.length === 1 && first !== undefined) return [{ row: first, outcome: "refused", why: error.why }];
    const each: RowResult[] = [];
    for (const row of group) each.push(...(await ask(pay, [row])));
    return each;
  }
}

export function BulkResult({ results, onClose }: { results: readonly RowResult[]; onClose: () => void }) {
  const t = useT(messages);
  const text = (result: RowResult) => {
    switch (result.outcome) {
      case "asked":
        return <StateTag tone="ok">{t.bulk.asked}</StateTag>;
      case "hidden":
        return <StateTag tone="none">{t.bulk.hidden}</StateTag>;
      case "nothing_owed":
        return <StateTag tone="none">{t.bulk.nothingOwed}</StateTag>;
      case "refused":
        return <StateTag tone="bad">{errorText(result.why)}</StateTag>;
    }
  };
  const columns: Column<RowResult>[] = [
    { id: "number", header: t.listColumns.number, width: 150, cell: ({ row }) => row.number },
    { id: "distributor", header: t.listColumns.distributor, width: 160, grow: true, cell: ({ row }) => row.distributor_name },
    { id: "total", header: t.listColumns.total, width: 110, align: "end", cell: ({ row }) => formatAmount(row.total_fen) },
    { id: "result", header: t.bulk.result, width: 260, cell: text },
  ];
  const intents = [...new Set(results.flatMap((result) => (result.outcome === "asked" ? [result.intent] : [])))];
  const open = (intent: IntentId): void => {
    onClose();
    navigate("pay", { intent });
  };
  const [first] = intents;
  return (
    <Dialog
      title={t.bulk.title(results.filter(({ outcome }) => outcome === "asked").length, results.length)}
      size="wide"
      onClose={onClose}
      onConfirm={() => (first === undefined ? onClose() : open(first))}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.bulk.close}
          </Button>
          {intents.toReversed().map((intent) => (
            <Button key={intent} {...(intent === first ? { tone: "primary" as const, chord: "Enter" } : {})} onClick={() => open(intent)} data-testid="bulk-open">
              {t.bulk.open(results.find((result) => result.outcome === "asked" && result.intent === intent)?.row.distributor_name ?? "")}
            </Button>
          ))}
        </>
      }
    >
      <DataGrid
        label={t.bulk.result}
        rows={results}
        columns={columns}
        rowKey={({ row }) => row.id}
        rowData={(result) => ({ "data-testid": "bulk-row", "data-number": result.row.number, "data-outcome": result.outcome })}
      />
    </Dialog>
  );
}
