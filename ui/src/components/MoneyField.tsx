/// Money in, money out as fen. Takes what a Chinese input method leaves (full-width digits, ，。￥),
/// keeps the typed text while it is being typed, and shows two decimals once it is left.
import { type Ref, useState } from "react";
import { onKey } from "../app/keys";
import { editableAmount, type Fen, formatAmount, parseMoney } from "../money";
import { Field } from "./Field";
import styles from "./Field.module.css";

interface Props {
  label: string;
  value: Fen | null;
  /** Null while the text is empty or not money. */
  onChange: (value: Fen | null) => void;
  onEnter?: () => void;
  hint?: string;
  error?: string | null | undefined;
  required?: boolean;
  disabled?: boolean;
  layout?: "stack" | "row";
  big?: boolean;
  testId?: string;
  inputRef?: Ref<HTMLInputElement>;
}

export function MoneyField({ label, value, onChange, onEnter, hint, error, required, disabled, layout, big, testId, inputRef }: Props) {
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (value === null ? "" : formatAmount(value));
  return (
    <Field label={label} hint={hint} error={error} {...(required ? { required } : {})} {...(layout ? { layout } : {})}>
      {(ids) => (
        <div className={`${styles.money} ${big ? styles.big : ""}`}>
          <input
            {...ids}
            data-testid={testId}
            ref={inputRef}
            className={styles.input}
            inputMode="decimal"
            autoComplete="off"
            disabled={disabled}
            value={shown}
            onFocus={(e) => {
              setTyped(value === null ? "" : editableAmount(value));
              const input = e.currentTarget;
              requestAnimationFrame(() => input.select());
            }}
            onBlur={() => setTyped(parseMoney(shown) === null && shown.trim() !== "" ? shown : null)}
            onChange={(e) => {
              setTyped(e.target.value);
              onChange(parseMoney(e.target.value));
            }}
            onKeyDown={onEnter === undefined ? undefined : onKey({ Enter: onEnter })}
          />
        </div>
      )}
    </Field>
  );
}
