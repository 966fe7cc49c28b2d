/// The input inside a grid cell. Enter commits and moves on, Shift+Enter back, Esc gives up, leaving
/// commits in place. Begun by typing, it holds that character with the caret behind it.
import { useEffect, useRef, useState } from "react";
import { onKey } from "../app/keys";
import styles from "./DataGrid.module.css";

interface Props {
  label: string;
  initial: string;
  /** It began by typing: the caret stands behind that, and nothing is selected. */
  typed: boolean;
  end: boolean;
  /** False: refused, stay. */
  onCommit: (text: string, by: 1 | -1 | 0) => boolean;
  onCancel: () => void;
}

export function CellEditor({ label, initial, typed, end, onCommit, onCancel }: Props) {
  const [text, setText] = useState(initial);
  const [refused, setRefused] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const done = useRef(false);

  useEffect(() => {
    const field = input.current;
    field?.focus();
    if (!typed) field?.select();
  }, [typed]);

  const commit = (by: 1 | -1 | 0): void => {
    if (done.current) return;
    done.current = true;
    if (onCommit(text, by)) return;
    done.current = false;
    setRefused(true);
  };

  return (
    <input
      ref={input}
      aria-label={label}
      aria-invalid={refused || undefined}
      className={`${styles.editor} ${end ? styles.end : ""}`}
      inputMode="decimal"
      autoComplete="off"
      value={text}
      onChange={(e) => {
        setText(e.target.value);
        setRefused(false);
      }}
      onBlur={() => commit(0)}
      onKeyDown={onKey({
        Enter: () => commit(1),
        "Shift+Enter": () => commit(-1),
        Escape: () => {
          done.current = true;
          onCancel();
        },
      })}
    />
  );
}
