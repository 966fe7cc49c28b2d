/// Finds a distributor, the same way on every screen.
import type { Ref } from "react";
import { call } from "../../api/client";
import type { DistributorRow } from "../../api/generated";
import { SearchBox, type SearchHandle } from "../../components/SearchBox";
import { useT } from "../../i18n";
import styles from "./DistributorBox.module.css";
import { messages } from "./messages";

const HITS = 12;

interface Props {
  onPick: (row: DistributorRow) => void;
  autoFocus?: boolean;
  ref?: Ref<SearchHandle>;
}

export function DistributorBox({ onPick, autoFocus = false, ref }: Props) {
  const t = useT(messages);
  return (
    <div className={styles.wide}>
      <SearchBox
        label={t.distributor}
        placeholder={t.find}
        source={async (query) => (await call("distributor_search", { query: query.trim(), limit: HITS })).value}
        itemKey={(row) => row.id}
        renderItem={(row) => (
          <>
            <span className={styles.code}>{row.code}</span>
            <span className={styles.name}>{row.name}</span>
            <span className={styles.rest}>{row.phone === "" ? row.region : row.phone}</span>
          </>
        )}
        onPick={onPick}
        emptyText={t.none}
        autoFocus={autoFocus}
        testId="distributor-box"
        {...(ref === undefined ? {} : { ref })}
      />
    </div>
  );
}
