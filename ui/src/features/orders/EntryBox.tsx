/// The box that finds products while an order is entered.
import type { Ref } from "react";
import { call } from "../../api/client";
import type { DistributorId, ProductRow } from "../../api/generated";
import { SearchBox, type SearchHandle } from "../../components/SearchBox";
import { useT } from "../../i18n";
import { parseEntry, priceText } from "./entry";
import { messages } from "./messages";
import styles from "./OrderEntry.module.css";

const HITS = 12;

interface ProductProps {
  distributor: DistributorId | null;
  onPick: (row: ProductRow, quantity: string) => void;
  onPaste: (text: string) => boolean;
  autoFocus: boolean;
  ref: Ref<SearchHandle>;
}

export async function findProducts(query: string, distributor: DistributorId | null): Promise<ProductRow[]> {
  if (query === "") return [];
  return (await call("product_search", { query, distributor, limit: HITS })).value;
}

export function EntryBox({ distributor, onPick, onPaste, autoFocus, ref }: ProductProps) {
  const t = useT(messages);
  return (
    <div className={styles.entry}>
      <SearchBox
        label={t.findProduct}
        placeholder=""
        hint={t.entryHint}
        size="large"
        autoFocus={autoFocus}
        source={async (text) => {
          const { query, quantity } = parseEntry(text);
          return (await findProducts(query, distributor)).map((row) => ({ row, quantity }));
        }}
        itemKey={({ row }) => row.id}
        renderItem={({ row, quantity }) => (
          <>
            <span className={styles.code}>{row.code}</span>
            <span className={styles.product}>
              {row.name} <span className={styles.spec}>{row.spec}</span>
            </span>
            {quantity === "1" ? null : <span className={styles.times}>× {quantity}</span>}
            <span className={styles.spec}>{row.unit}</span>
            <span className={styles.price}>{priceText(row.unit_price)}</span>
          </>
        )}
        onPick={({ row, quantity }) => onPick(row, quantity)}
        onPaste={onPaste}
        emptyText={t.noProduct}
        testId="entry-box"
        ref={ref}
      />
    </div>
  );
}
