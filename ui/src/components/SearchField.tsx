/// A filter by text in a bar. Esc empties it before it leaves the screen.
import type { Ref } from "react";
import { KEYS, onKey } from "../app/keys";
import { KeyHint } from "./KeyHint";
import styles from "./SearchField.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  testId: string;
  inputRef?: Ref<HTMLInputElement>;
}

export function SearchField({ label, value, onChange, testId, inputRef }: Props) {
  return (
    <span className={styles.field}>
      <input
        ref={inputRef}
        data-testid={testId}
        className={styles.input}
        aria-label={label}
        placeholder={label}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={(e) => onChange(e.target.value)}
        onKeyDown={onKey({
          Escape: () => {
            if (value === "") return false;
            onChange("");
            return true;
          },
        })}
      />
      {value === "" ? (
        <span className={styles.key}>
          <KeyHint chord={KEYS.filter.chord} />
        </span>
      ) : null}
    </span>
  );
}
