/// Short news at the edge, spoken by screen readers. Never the only place of something that must be
/// acted on: that goes to a list. Bad news stays until it is closed.
import { createStore, useStore } from "../app/store";
import styles from "./toast.module.css";

export interface Toast {
  id: number;
  tone: "ok" | "info" | "bad";
  text: string;
}

const SHOWN_MS = 5_000;
const MAX_SHOWN = 4;

const toasts = createStore<readonly Toast[]>([]);
let lastId = 0;

function close(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

/** What was said to one person is not for the next one's eyes. */
export function clearToasts(): void {
  toasts.set([]);
}

export function say(tone: Toast["tone"], text: string): void {
  lastId += 1;
  const id = lastId;
  toasts.set([...toasts.get(), { id, tone, text }].slice(-MAX_SHOWN));
  if (tone !== "bad") setTimeout(() => close(id), SHOWN_MS);
}

const SIGN = { ok: "✓", info: "·", bad: "△" } as const;

export function Toasts({ closeLabel }: { closeLabel: string }) {
  const shown = useStore(toasts);
  const polite = shown.filter((toast) => toast.tone !== "bad");
  const urgent = shown.filter((toast) => toast.tone === "bad");
  const list = (items: readonly Toast[]) =>
    items.map((toast) => (
      <div key={toast.id} className={`${styles.toast} ${styles[toast.tone]}`}>
        <span aria-hidden>{SIGN[toast.tone]}</span>
        <span className={styles.text}>{toast.text}</span>
        <button type="button" className={styles.close} aria-label={closeLabel} onClick={() => close(toast.id)}>
          ✕
        </button>
      </div>
    ));
  return (
    <div className={styles.stack}>
      <div role="status" aria-live="polite" className={styles.group}>
        {list(polite)}
      </div>
      <div role="alert" aria-live="assertive" className={styles.group}>
        {list(urgent)}
      </div>
    </div>
  );
}
