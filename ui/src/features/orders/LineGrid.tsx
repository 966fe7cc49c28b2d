/// The lines. Enter goes from quantity to the next line's quantity and at the end back to the entry
/// box; price and discount are a key (F7) or an arrow away.
import { type Ref, useMemo } from "react";
import type { DraftView } from "../../api/generated";
import { type Column, DataGrid, type GridHandle } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { formatAmount } from "../../money";
import { discountText, parseDiscount, parsePrice, parseQuantity, priceText, stepQuantity } from "./entry";
import { messages } from "./messages";
import type { DraftEdit } from "./useDraft";

type Line = DraftView["content"]["lines"][number];
interface Row {
  at: number;
  line: Line;
  notices: readonly string[];
}

interface Props {
  draft: DraftView;
  edit: (edit: DraftEdit) => void;
  onActive: (line: number | null) => void;
  onEnd: () => void;
  ref: Ref<GridHandle>;
}

export function LineGrid({ draft, edit, onActive, onEnd, ref }: Props) {
  const t = useT(messages);
  const rows = useMemo<Row[]>(
    () =>
      draft.content.lines.map((line, at) => ({
        at,
        line,
        notices: draft.notices.filter((notice) => notice.line === at).map((notice) => notice.kind),
      })),
    [draft],
  );
  const columns = useMemo<Column<Row>[]>(
    () => [
      { id: "row", header: t.columns.row, width: 40, cell: ({ at }) => at + 1 },
      { id: "code", header: t.columns.code, width: 108, cell: ({ line }) => line.code },
      {
        id: "product",
        header: t.columns.product,
        width: 180,
        grow: true,
        cell: ({ line, notices }) => (
          <>
            {line.name}{" "}
            {notices.includes("below_floor") ? <StateTag tone="warn">{t.belowFloor}</StateTag> : null}
            {notices.includes("price_changed") ? <StateTag tone="warn">{t.priceChanged}</StateTag> : null}
            {line.price_typed ? <StateTag tone="none">{t.priceTyped}</StateTag> : null}
          </>
        ),
      },
      { id: "unit", header: t.columns.unit, width: 54, cell: ({ line }) => line.unit },
      {
        id: "quantity",
        header: t.columns.quantity,
        width: 84,
        align: "end",
        cell: ({ line }) => line.quantity,
        edit: {
          text: ({ line }) => line.quantity,
          commit: ({ at, line }, text) => {
            const quantity = parseQuantity(text);
            if (quantity === null) return false;
            if (quantity !== line.quantity) edit({ edit: "set_quantity", line: at, quantity });
            return true;
          },
          step: ({ at, line }, by) => {
            const quantity = stepQuantity(line.quantity, by);
            if (quantity !== null) edit({ edit: "set_quantity", line: at, quantity });
          },
        },
      },
      {
        id: "price",
        header: t.columns.price,
        width: 100,
        align: "end",
        cell: ({ line }) => priceText(line.unit_price),
        edit: {
          aside: true,
          text: ({ line }) => line.unit_price,
          commit: ({ at, line }, text) => {
            const unit_price = parsePrice(text);
            if (unit_price === null) return false;
            if (unit_price !== line.unit_price) edit({ edit: "set_price", line: at, unit_price });
            return true;
          },
        },
      },
      {
        id: "discount",
        header: t.columns.discount,
        width: 84,
        align: "end",
        cell: ({ line }) => discountText(line.discount) || "–",
        edit: {
          aside: true,
          text: ({ line }) => discountText(line.discount),
          commit: ({ at, line }, text) => {
            const discount = parseDiscount(text);
            if (discount === null) return false;
            if (discountText(discount) !== discountText(line.discount)) edit({ edit: "set_line_discount", line: at, discount });
            return true;
          },
        },
      },
      { id: "amount", header: t.columns.amount, width: 120, align: "end", cell: ({ line }) => formatAmount(line.amount_fen) },
    ],
    [t, edit],
  );
  return (
    <DataGrid
      label={t.lines}
      rows={rows}
      columns={columns}
      rowKey={(row) => String(row.at)}
      rowData={({ line }) => ({
        "data-testid": "line-row",
        "data-code": line.code,
        "data-quantity": line.quantity,
        "data-amount-fen": line.amount_fen,
      })}
      onActive={(row) => onActive(row?.at ?? null)}
      onEnd={onEnd}
      empty={<EmptyState title={t.noLines} detail={t.noLinesDetail} />}
      ref={ref}
    />
  );
}
