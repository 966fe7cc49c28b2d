/// A button that shows its key where it acts. `busy` keeps its width and refuses a second press:
/// double clicks are how money gets sent twice.
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import styles from "./Button.module.css";
import { KeyHint } from "./KeyHint";

interface Props extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "type"> {
  tone?: "primary" | "plain" | "quiet" | "bad";
  size?: "normal" | "large";
  /** The chord that does the same, as in the key map. */
  chord?: string;
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
  children: ReactNode;
}

export function Button({ tone = "plain", size = "normal", chord, busy, disabled, children, className, ...rest }: Props) {
  return (
    <button
      {...rest}
      type="button"
      className={[styles.button, styles[tone], styles[size], className].filter(Boolean).join(" ")}
      disabled={disabled ?? busy}
      aria-busy={busy || undefined}
      aria-keyshortcuts={chord?.replace("Ctrl", "Control")}
    >
      <span>{children}</span>
      {chord === undefined ? null : <KeyHint chord={chord} />}
    </button>
  );
}
