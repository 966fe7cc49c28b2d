/// The whole panel says that it is paid, by whom and with which numbers, until somebody goes on. An
/// outcome other than "in full, in time" says what happens to the money instead of cheering.
import { useEffect, useRef } from "react";
import { KEYS, onEnter } from "../../app/keys";
import { navigate } from "../../app/router";
import type { PayView } from "../../api/generated";
import { Button } from "../../components/Button";
import { Facts } from "../../components/Page";
import { useT } from "../../i18n";
import { words } from "../../i18n/words";
import { formatMoney } from "../../money";
import { Fee } from "./Fee";
import { messages } from "./messages";
import styles from "./PayScreen.module.css";

interface Props {
  view: PayView;
  says: string;
  exact: boolean;
  /** Test id and state, as on the sheet. */
  state: Record<`data-${string}`, string>;
  onNext: () => void;
}

export function Paid({ view, says, exact, state, onNext }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const { intent } = view.intent;
  const record = view.transaction_record;
  const [first] = intent.allocations;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => panel.current?.focus(), []);
  return (
    // The panel takes Enter for its one way on; its buttons are there for the mouse.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      ref={panel}
      {...state}
      tabIndex={-1}
      role="status"
      className={`${styles.done} ${exact ? styles.ok : styles.warn}`}
      onKeyDown={(event) => {
        if (event.target === event.currentTarget) onEnter(onNext)(event);
      }}
    >
      <span aria-hidden className={styles.tick}>
        ✓
      </span>
      <h1>{says}</h1>
      <p className={styles.amount} data-testid="pay-amount" data-fen={intent.amount_fen}>
        {formatMoney(intent.amount_fen)}
      </p>
      <p className={styles.capital}>{view.capital}</p>
      <Facts
        facts={[
          { label: w.purposes[intent.purpose], value: view.order_numbers.join("、") || view.distributor_name },
          ...(record === null
            ? []
            : [
                { label: t.paidBy, value: w.channels[record.channel] },
                { label: t.gross, value: formatMoney(record.gross_fen) },
                { label: t.providerNo, value: record.provider_no },
                { label: t.payer, value: record.payer },
                { label: w.fee, value: <Fee record={record.id} /> },
              ]),
          ...(view.collection === null
            ? []
            : [{ label: t.collection, value: view.collection.collection.number, testId: "pay-collection" }]),
        ]}
      />
      <div className={styles.actions}>
        <Button tone="primary" chord={KEYS.next.chord} onClick={onNext} data-testid="pay-next">
          {t.next}
        </Button>
        {first === undefined ? null : (
          <Button onClick={() => navigate("orders", { order: first.order })} data-testid="pay-to-order">
            {t.toOrder}
          </Button>
        )}
      </div>
    </section>
  );
}
