/// One line (or some lines) of text with its label. Enter is offered as `onEnter`, guarded against
/// input methods; there is no native form submit anywhere.
import type { HTMLInputAutoCompleteAttribute, Ref } from "react";
import { onKey } from "../app/keys";
import { Field } from "./Field";
import styles from "./Field.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  onEnter?: () => void;
  onBlur?: () => void;
  hint?: string;
  error?: string | null | undefined;
  required?: boolean;
  readOnly?: boolean;
  disabled?: boolean;
  layout?: "stack" | "row";
  placeholder?: string;
  type?: "text" | "password" | "date" | "tel" | "url";
  inputMode?: "text" | "numeric" | "decimal" | "tel";
  autoComplete?: HTMLInputAutoCompleteAttribute;
  maxLength?: number;
  lines?: number;
  testId?: string;
  inputRef?: Ref<HTMLInputElement>;
}

export function TextField(props: Props) {
  const { label, value, onChange, onEnter, hint, error, required, layout, lines, testId, inputRef, ...rest } = props;
  const shared = {
    ...rest,
    value,
    className: styles.input,
    spellCheck: false,
  };
  return (
    <Field label={label} hint={hint} error={error} {...(required ? { required } : {})} {...(layout ? { layout } : {})}>
      {(ids) =>
        lines === undefined ? (
          <input
            autoComplete="off"
            {...shared}
            {...ids}
            data-testid={testId}
            ref={inputRef}
            onChange={(e) => onChange(e.target.value)}
            onKeyDown={onEnter === undefined ? undefined : onKey({ Enter: onEnter })}
          />
        ) : (
          <textarea
            {...ids}
            data-testid={testId}
            value={value}
            rows={lines}
            className={styles.input}
            {...(rest.readOnly ? { readOnly: true } : {})}
            {...(rest.maxLength === undefined ? {} : { maxLength: rest.maxLength })}
            placeholder={rest.placeholder}
            onBlur={rest.onBlur}
            onChange={(e) => onChange(e.target.value)}
            onKeyDown={onEnter === undefined ? undefined : onKey({ "Ctrl+Enter": onEnter })}
          />
        )
      }
    </Field>
  );
}
