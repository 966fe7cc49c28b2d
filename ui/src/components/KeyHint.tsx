/// A chord as keycaps' text: `Ctrl K`, `F9`, `↑`.
import styles from "./KeyHint.module.css";

const GLYPH: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
  Delete: "Del",
};

export function chordText(chord: string): string {
  return chord
    .split("+")
    .map((key) => GLYPH[key] ?? key)
    .join(" ");
}

export function KeyHint({ chord }: { chord: string }) {
  return (
    <kbd className={styles.key} aria-hidden>
      {chordText(chord)}
    </kbd>
  );
}
