/// What it comes to, in figures and capitals, and the ways on.
import { useRef, useState } from "react";
import { KEYS, runAction } from "../../app/keys";
import type { DraftView, FieldRule, PaymentMethod } from "../../api/generated";
import { Button } from "../../components/Button";
import { Select } from "../../components/Select";
import { TextField } from "../../components/TextField";
import { useT } from "../../i18n";
import { words } from "../../i18n/words";
import { formatMoney, isZeroMoney, negateMoney } from "../../money";
import { discountText, parseDiscount } from "./entry";
import { messages } from "./messages";
import styles from "./OrderEntry.module.css";
import type { DraftEdit } from "./useDraft";

const NO_METHOD = "none";
const METHODS = ["online", "qr_code", "cash", "bank_transfer", "cheque", "deposit"] as const satisfies readonly PaymentMethod[];

interface Props {
  draft: DraftView;
  edit: (edit: DraftEdit) => void;
  may: { pay: boolean; deposit: boolean; record: boolean };
  /** How the layout shows Payment Method; null while it is not known. */
  method: FieldRule | null;
  busy: boolean;
  onDiscard: () => void;
}

export function EntryAside({ draft, edit, may, method, busy, onDiscard }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const { totals, content } = draft;
  const empty = content.lines.length === 0;
  const edits = content.edits !== null;
  return (
    <>
      <div className={styles.sum}>
        <span data-testid="line-count">{t.lineCount(content.lines.length)}</span>
        <span>{formatMoney(totals.lines_fen)}</span>
      </div>
      {isZeroMoney(totals.discount_fen) ? null : (
        <div className={styles.sum}>
          <span>{t.orderDiscount}</span>
          <span>{formatMoney(negateMoney(totals.discount_fen))}</span>
        </div>
      )}
      <div className={`${styles.sum} ${styles.big}`}>
        <span>{t.due}</span>
        <span data-testid="total" data-fen={totals.total_fen}>
          {formatMoney(totals.total_fen)}
        </span>
      </div>
      <p className={styles.capital} data-testid="total-capital">
        {draft.capital}
      </p>
      <div className={styles.fields}>
        <Typed
          key={`discount ${discountText(content.discount)}`}
          label={t.orderDiscount}
          hint={t.discountHint}
          text={discountText(content.discount)}
          testId="order-discount"
          onDone={(text) => {
            const discount = parseDiscount(text);
            if (discount === null) return false;
            edit({ edit: "set_discount", discount });
            return true;
          }}
        />
        {method?.visible ? (
          <Select
            layout="row"
            label={t.paymentMethod}
            testId="entry-payment-method"
            value={content.payment_method ?? NO_METHOD}
            options={[{ value: NO_METHOD, label: "–" }, ...METHODS.map((value) => ({ value, label: w.methods[value] }))]}
            onChange={(chosen) => edit({ edit: "set_payment_method", payment_method: METHODS.find((one) => one === chosen) ?? null })}
            required={method.required}
            disabled={method.readonly}
          />
        ) : null}
        <Typed
          key={`remark ${content.remark}`}
          label={t.remark}
          text={content.remark}
          testId="remark"
          onDone={(remark) => {
            edit({ edit: "set_remark", remark });
            return true;
          }}
        />
      </div>
      {draft.number === "" ? null : (
        <span className={styles.quiet}>
          <Button tone="quiet" onClick={onDiscard} data-testid="discard">
            {edits ? t.editDiscard : t.discard}
          </Button>
        </span>
      )}
      <span className={styles.grow} />
      <div className={styles.buttons}>
        {may.deposit ? (
          <Button size="large" chord={KEYS.useDeposit.chord} disabled={empty || busy} onClick={() => runAction("useDeposit")}>
            {t.useDeposit}
          </Button>
        ) : null}
        {may.pay ? (
          <Button size="large" tone="primary" chord={KEYS.collect.chord} disabled={empty || busy} onClick={() => runAction("collect")} data-testid="collect">
            {t.collect}
          </Button>
        ) : null}
        {may.record ? (
          <Button size="large" chord={KEYS.collectOffline.chord} disabled={empty || busy} onClick={() => runAction("collectOffline")}>
            {t.collectOffline}
          </Button>
        ) : null}
        <Button size="large" chord={KEYS.confirm.chord} disabled={empty || busy} onClick={() => runAction("confirm")} data-testid="confirm">
          {edits ? t.editConfirm : t.confirmOnly}
        </Button>
      </div>
    </>
  );
}

interface TypedProps {
  label: string;
  hint?: string;
  text: string;
  testId: string;
  /** False refuses the text. */
  onDone: (text: string) => boolean;
}

/** A field of the draft: written when it is left or Enter is pressed, not at every letter. */
function Typed({ label, hint, text, testId, onDone }: TypedProps) {
  const [value, setValue] = useState(text);
  const [refused, setRefused] = useState(false);
  const sent = useRef(text);
  const done = (): boolean => {
    if (value === sent.current) return true;
    const taken = onDone(value);
    if (taken) sent.current = value;
    setRefused(!taken);
    return taken;
  };
  return (
    <TextField
      layout="row"
      label={label}
      value={value}
      onChange={(next) => {
        setValue(next);
        setRefused(false);
      }}
      onEnter={() => {
        if (done()) runAction("product");
      }}
      onBlur={done}
      testId={testId}
      {...(hint === undefined ? {} : { placeholder: hint })}
      error={refused ? hint : null}
    />
  );
}
