/// Short news at the edge, spoken by screen readers. Never the only place of something that must be
/// acted on: that goes to a list. Bad news stays until it is closed, but for a failed scan: the next
/// one, another screen or a few seconds settle it. The same news twice is one line with a count.
import { createStore, useStore } from "../app/store";
import styles from "./toast.module.css";

export interface Toast {
  id: number;
  tone: "ok" | "info" | "bad";
  text: string;
  times: number;
  scan: boolean;
}

const SHOWN_MS = 5_000;
const SCAN_SHOWN_MS = 8_000;
const MAX_SHOWN = 3;

const toasts = createStore<readonly Toast[]>([]);
let lastId = 0;

function close(id: number): void {
  toasts.set(toasts.get().filter((toast) => toast.id !== id));
}

/** What was said to one person is not for the next one's eyes. */
export function clearToasts(): void {
  toasts.set([]);
}

/** A later scan went through, or the screen is another one. */
export function clearScanToasts(): void {
  const rest = toasts.get().filter((toast) => !toast.scan);
  if (rest.length < toasts.get().length) toasts.set(rest);
}

function add(tone: Toast["tone"], text: string, scan: boolean): number {
  lastId += 1;
  const same = (toast: Toast): boolean => toast.tone === tone && toast.text === text;
  const before = toasts.get();
  const shown = before.filter((toast) => !same(toast));
  // Bad news is the last to make room.
  if (shown.length >= MAX_SHOWN) shown.splice(Math.max(0, shown.findIndex((toast) => toast.tone !== "bad")), 1);
  toasts.set([...shown, { id: lastId, tone, text, times: (before.find(same)?.times ?? 0) + 1, scan }]);
  return lastId;
}

export function say(tone: Toast["tone"], text: string): void {
  const id = add(tone, text, false);
  if (tone !== "bad") setTimeout(() => close(id), SHOWN_MS);
}

/** A scan that led to nothing. */
export function sayBadScan(text: string): void {
  const id = add("bad", text, true);
  setTimeout(() => close(id), SCAN_SHOWN_MS);
}

const SIGN = { ok: "✓", info: "·", bad: "△" } as const;

export function Toasts({ closeLabel }: { closeLabel: string }) {
  const shown = useStore(toasts);
  const polite = shown.filter((toast) => toast.tone !== "bad");
  const urgent = shown.filter((toast) => toast.tone === "bad");
  const list = (items: readonly Toast[]) =>
    items.map((toast) => (
      <div key={toast.id} className={`${styles.toast} ${styles[toast.tone]}`}>
        <button type="button" className={styles.close} aria-label={closeLabel} onClick={() => close(toast.id)}>
          ✕
        </button>
        <span aria-hidden>{SIGN[toast.tone]}</span>
        <span className={styles.text}>
          {toast.text}
          {toast.times > 1 ? <b className={styles.times}> ×{toast.times}</b> : null}
        </span>
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
