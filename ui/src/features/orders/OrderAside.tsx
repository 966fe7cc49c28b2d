/// One order, and why it stands where it stands: newest fact first, each with who, when and how far
/// it has travelled.
import { KEYS, runAction } from "../../app/keys";
import { navigate } from "../../app/router";
import type { OrderDetail, TimelineEntry } from "../../api/generated";
import { Button } from "../../components/Button";
import { Actions, Facts } from "../../components/Page";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime, formatShort } from "../../i18n/time";
import { kindText, words } from "../../i18n/words";
import { formatAmount, isZeroMoney } from "../../money";
import { Fee } from "../payments/Fee";
import { Approval } from "./Approval";
import { freeOf } from "./entry";
import { messages } from "./messages";
import styles from "./OrderAside.module.css";
import { PaymentTag } from "./PaymentTag";

interface Props {
  detail: OrderDetail;
  may: { approve: boolean; deposit: boolean; cancel: boolean; copy: boolean; edit: boolean };
  /** The Online Payment button as it is configured for this order; null where it is hidden. */
  pay: { label: string; ready: boolean } | null;
  onCancel: () => void;
}

export function OrderAside({ detail, may, pay, onCancel }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const { order, payment_state, owed_fen, waiting_fen, asked_fen, live_intents } = detail.order;
  const [live] = live_intents;
  const open = order.state === "submitted" || order.state === "confirmed";
  return (
    <>
      <div>
        <div className={styles.head}>
          <h1 data-testid="order-number">{order.number}</h1>
          <span data-testid="order-payment" data-payment-state={payment_state}>
            <PaymentTag state={payment_state} total={order.total_fen} paid={order.paid_fen} waiting={waiting_fen} />
          </span>
          {order.state === "confirmed" ? null : <StateTag tone="none">{w.orderStates[order.state]}</StateTag>}
        </div>
        <span className={styles.muted}>
          {order.content.distributor_name} · {t.lineCount(order.content.lines.length)} · {formatDateTime(order.ordered_at)}
        </span>
      </div>
      <Facts
        layout="tiles"
        facts={[
          { label: t.total, value: formatAmount(order.total_fen) },
          { label: t.paid, value: formatAmount(order.paid_fen), testId: "order-paid", data: { "data-fen": order.paid_fen } },
          { label: t.stillOwed, value: formatAmount(owed_fen), testId: "order-owed", data: { "data-fen": owed_fen } },
          ...(isZeroMoney(waiting_fen) ? [] : [{ label: t.waiting, value: formatAmount(waiting_fen) }]),
          ...(isZeroMoney(asked_fen) ? [] : [{ label: t.asked, value: formatAmount(asked_fen) }]),
        ]}
      />
      <p className={styles.small}>{detail.capital}</p>
      {detail.order.attention === null ? null : <StateTag tone="bad">{errorText(detail.order.attention)}</StateTag>}
      {order.state === "submitted" ? <Approval order={order.id} may={may.approve} /> : null}
      <Actions>
        {pay !== null && live === undefined && order.state === "confirmed" && !isZeroMoney(freeOf(detail.order)) ? (
          <Button tone="primary" chord={KEYS.payOrder.chord} disabled={!pay.ready} onClick={() => runAction("payOrder")} data-testid="detail-payment">
            {pay.label}
          </Button>
        ) : null}
        {live === undefined ? null : (
          <Button onClick={() => navigate("pay", { intent: live })} data-testid="show-qr">
            {t.showQr}
          </Button>
        )}
        {may.deposit && order.state === "confirmed" && !isZeroMoney(freeOf(detail.order)) ? (
          <Button chord={KEYS.payFromDeposit.chord} onClick={() => runAction("payFromDeposit")} data-testid="order-deposit">
            {t.useDeposit}
          </Button>
        ) : null}
        {may.edit ? (
          <Button chord={KEYS.editOrder.chord} onClick={() => runAction("editOrder")} data-testid="order-edit">
            {t.edit}
          </Button>
        ) : null}
        {may.copy ? (
          <Button chord={KEYS.copyAsNew.chord} onClick={() => runAction("copyAsNew")}>
            {t.copyAsNew}
          </Button>
        ) : null}
        {may.cancel && open ? (
          <Button tone="bad" onClick={onCancel} data-testid="order-cancel">
            {t.cancelOrder}
          </Button>
        ) : null}
      </Actions>
      {live === undefined ? null : <span className={styles.small}>{t.frozen}</span>}
      <section>
        <h2>{t.why(w.paymentStates[payment_state])}</h2>
        <ol className={styles.timeline} aria-label={t.timeline} style={{ marginTop: 8 }}>
          {distinct(detail.timeline).toReversed().map((entry) => (
            <Entry key={`${entry.at} ${entry.kind} ${entry.subject}`} entry={entry} />
          ))}
        </ol>
      </section>
      {detail.collections.length === 0 ? null : (
        <section>
          <h2>{t.collections}</h2>
          <Facts
            facts={detail.collections.map(({ collection }) => ({
              label: collection.number,
              value: (
                <>
                  {formatAmount(collection.amount_fen)}{" "}
                  <Button tone="quiet" onClick={() => navigate("collections", { collection: collection.id })} data-testid="to-collection">
                    {t.open}
                  </Button>
                </>
              ),
            }))}
          />
        </section>
      )}
      {detail.transaction_records.length === 0 ? null : (
        <section>
          <h2>{w.fee}</h2>
          <Facts
            facts={detail.transaction_records.map((record) => ({
              label: `${w.channels[record.channel]} …${record.provider_no.slice(-6)}`,
              value: <Fee record={record.id} />,
            }))}
          />
        </section>
      )}
      <section>
        <h2>{t.productLines}</h2>
        <table className={styles.lines}>
          <tbody>
            {order.content.lines.map((line, at) => (
              // Lines have no identity but their place.
              // oxlint-disable-next-line react/no-array-index-key
              <tr key={at}>
                <td>
                  {line.name} <span className={styles.small}>{line.code}</span>
                </td>
                <td>
                  {line.quantity} {line.unit}
                </td>
                <td>{formatAmount(line.amount_fen)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </>
  );
}

/** An operation and the document it made are one fact: the one that names an amount is shown. */
function distinct(timeline: readonly TimelineEntry[]): TimelineEntry[] {
  const told = (one: TimelineEntry): boolean =>
    one.op_id !== null &&
    isZeroMoney(one.amount_fen) &&
    timeline.some((other) => other !== one && other.op_id === one.op_id && other.kind === one.kind);
  return timeline.filter((one) => !told(one));
}

const MONEY_CAME = new Set(["collection_confirmed", "transaction_record", "posting"]);

function Entry({ entry }: { entry: TimelineEntry }) {
  const t = useT(messages);
  const w = useT(words);
  // A collection that nobody recorded is money that came by itself.
  const kind = entry.kind === "collection_record" && entry.staff_name === "" ? "collection_confirmed" : entry.kind;
  const tone = entry.refused !== null ? styles.bad : entry.pending ? styles.warn : MONEY_CAME.has(kind) ? styles.ok : "";
  const amount = isZeroMoney(entry.amount_fen) ? "" : formatAmount(entry.amount_fen);
  return (
    <li className={tone} data-testid="timeline-entry" data-kind={entry.kind}>
      <b>
        {kindText(w, kind)} {amount}
      </b>{" "}
      {entry.pending ? <StateTag tone="warn">{w.pending}</StateTag> : null}
      {entry.refused === null ? null : <StateTag tone="bad">{errorText(entry.refused)}</StateTag>}
      <br />
      <span className={styles.small}>
        {[formatShort(entry.at), entry.staff_name === "" ? t.backend : entry.staff_name, ...(entry.elsewhere ? [t.elsewhere] : [])].join(" · ")}
      </span>{" "}
      <code>{entry.subject}</code>
    </li>
  );
}
