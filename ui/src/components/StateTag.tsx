/// A state in words, with a sign beside it: never colour alone.
import type { ReactNode } from "react";
import styles from "./StateTag.module.css";

export type Tone = "ok" | "warn" | "bad" | "none" | "accent";

const SIGN: Record<Tone, string> = { ok: "✓", warn: "◔", bad: "△", none: "○", accent: "●" };

interface Props {
  tone: Tone;
  /** Another sign than the tone's own, e.g. ◑ for "partly". */
  sign?: string;
  children: ReactNode;
}

export function StateTag({ tone, sign, children }: Props) {
  return (
    <span className={`${styles.tag} ${styles[tone]}`}>
      <span aria-hidden className={styles.sign}>
        {sign ?? SIGN[tone]}
      </span>
      {children}
    </span>
  );
}
