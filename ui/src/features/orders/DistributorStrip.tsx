/// Who buys, and where the money stands between them and us, with the date of those books. The box
/// takes the name's place while somebody is chosen.
import { type Ref, useState } from "react";
import { KEYS } from "../../app/keys";
import type { DistributorRow, DraftView } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { Facts } from "../../components/Page";
import type { SearchHandle } from "../../components/SearchBox";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { formatShort, formatTime } from "../../i18n/time";
import { words } from "../../i18n/words";
import { formatMoney } from "../../money";
import { DistributorBox } from "../distributors/DistributorBox";
import { messages } from "./messages";
import styles from "./OrderEntry.module.css";

interface Props {
  draft: DraftView;
  /** The box is open; it always is while nobody is chosen. */
  choosing: boolean;
  onChoose: () => void;
  onPick: (row: DistributorRow) => void;
  ref: Ref<SearchHandle>;
}

export function DistributorStrip({ draft, choosing, onChoose, onPick, ref }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const id = draft.content.distributor;
  const view = useRead("distributor_get", { distributor: id ?? "" }, { enabled: id !== null });
  // Only the first sight of a new order takes the focus by itself.
  const [first] = useState(id === null);
  const money = view.data;
  return (
    <header className={styles.strip}>
      <div className={styles.who}>
        {choosing || id === null ? (
          <div>
            <DistributorBox onPick={onPick} autoFocus={first || choosing} ref={ref} />
          </div>
        ) : (
          <div className={styles.name}>
            <h1 data-testid="distributor-name">{draft.content.distributor_name}</h1>
            {draft.content.edits === null ? (
              <Button tone="quiet" chord={KEYS.distributor.chord} onClick={onChoose}>
                {t.change}
              </Button>
            ) : (
              <StateTag tone="warn">{t.editing}</StateTag>
            )}
          </div>
        )}
        <span className={styles.number} role="status">
          <span data-testid="draft-number">{draft.number}</span>
          {draft.number === "" ? t.draftEmpty : ` · ${(draft.content.edits === null ? t.draftSaved : t.editSaved)(formatTime(draft.saved_at))}`}
        </span>
      </div>
      {money === undefined || id === null ? null : (
        <Facts
          layout="bar"
          facts={[
            { label: t.priceBook, value: money.price_book_name === "" ? t.listPrice : money.price_book_name },
            { label: t.owed, value: formatMoney(money.owed_fen), testId: "strip-owed", data: { "data-fen": money.owed_fen } },
            {
              label: t.deposit,
              value: formatMoney(money.deposit_fen),
              note: t.reserveHere(formatMoney(money.reserve_fen)),
              testId: "strip-deposit",
              data: { "data-fen": money.deposit_fen, "data-reserve-fen": money.reserve_fen },
            },
            ...(money.distributor.credit_limit_fen === null
              ? []
              : [{ label: t.credit, value: formatMoney(money.distributor.credit_limit_fen) }]),
            ...(money.as_of === null ? [] : [{ label: "", value: <small>{w.asOf(formatShort(money.as_of))}</small> }]),
          ]}
        />
      )}
    </header>
  );
}
