/// The columns of collections wherever they are listed.
import { useMemo } from "react";
import type { CollectionView } from "../../api/generated";
import type { Column } from "../../components/DataGrid";
import { useT } from "../../i18n";
import { formatShort } from "../../i18n/time";
import { words } from "../../i18n/words";
import { formatAmount } from "../../money";
import { CollectionTag } from "./CollectionTag";
import { messages } from "./messages";

export function useCollectionColumns(): readonly Column<CollectionView>[] {
  const t = useT(messages);
  const w = useT(words);
  return useMemo<Column<CollectionView>[]>(
    () => [
      { id: "number", header: t.columns.number, width: 136, cell: ({ collection }) => collection.number },
      { id: "distributor", header: t.columns.distributor, width: 120, grow: true, cell: ({ collection }) => collection.distributor_name },
      { id: "at", header: t.columns.at, width: 98, cell: ({ collection }) => formatShort(collection.recorded_at) },
      { id: "method", header: t.columns.method, width: 102, cell: ({ collection }) => w.methods[collection.method] },
      { id: "purpose", header: t.columns.purpose, width: 116, cell: ({ collection }) => w.purposes[collection.purpose] },
      { id: "amount", header: t.columns.amount, width: 106, align: "end", cell: ({ collection }) => formatAmount(collection.amount_fen) },
      { id: "state", header: t.columns.state, width: 158, cell: (view) => <CollectionTag view={view} short /> },
    ],
    [t, w],
  );
}

export function collectionData({ collection, deciding }: CollectionView): Record<`data-${string}`, string> {
  return {
    "data-testid": "collection-row",
    "data-number": collection.number,
    "data-state": collection.state,
    "data-deciding": deciding ?? "",
    "data-method": collection.method,
    "data-amount-fen": collection.amount_fen,
  };
}
