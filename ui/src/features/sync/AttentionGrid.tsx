/// What a person has to look at: own operations that were refused or came out differently, and what
/// the backend found about money.
import { useMemo } from "react";
import { navigate } from "../../app/router";
import type { AttentionItem } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatShort } from "../../i18n/time";
import { kindText, words } from "../../i18n/words";
import { formatAmount, isZeroMoney } from "../../money";
import { messages } from "./messages";

export function AttentionGrid() {
  const t = useT(messages);
  const w = useT(words);
  const list = useRead("attention_list", {});
  const columns = useMemo<Column<AttentionItem>[]>(
    () => [
      { id: "at", header: t.columns.at, width: 104, cell: ({ at }) => formatShort(at) },
      {
        id: "kind",
        header: t.columns.state,
        width: 220,
        cell: (item) => <StateTag tone="bad">{kindText(w, item.item === "operation" ? item.verdict : item.kind)}</StateTag>,
      },
      {
        id: "subject",
        header: t.columns.subject,
        width: 190,
        cell: (item) => (item.item === "operation" ? kindText(w, item.kind) : item.subject),
      },
      {
        id: "why",
        header: t.columns.why,
        width: 200,
        grow: true,
        cell: (item) => (item.item === "operation" && item.reason !== null ? errorText(item.reason) : ""),
      },
      {
        id: "amount",
        header: t.columns.amount,
        width: 120,
        align: "end",
        cell: (item) => (item.item === "backend" && !isZeroMoney(item.amount_fen) ? formatAmount(item.amount_fen) : ""),
      },
    ],
    [t, w],
  );
  return (
    <DataGrid
      label={t.attention}
      rows={list.data ?? []}
      columns={columns}
      rowKey={(item) => (item.item === "operation" ? item.op_id : item.id)}
      rowData={(item) => ({
        "data-testid": "attention-row",
        "data-item": item.item,
        "data-kind": item.kind,
        "data-reason": item.item === "operation" ? (item.reason?.code ?? "") : "",
      })}
      onOpen={(item) => {
        if (item.item === "backend" && item.distributor !== null) navigate("distributors", { distributor: item.distributor });
      }}
      empty={list.data === undefined ? null : <EmptyState title={t.attentionEmpty} />}
    />
  );
}
