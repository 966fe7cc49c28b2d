/// What the pay sheet says, from what the core knows. Pure, so that every state can be gone through in
/// a test. An unknown outcome is never "failed", and only the backend says expired, closed or paid.
import type { PayView } from "../../api/generated";
import type { Tone } from "../../components/StateTag";

export type PayKey =
  | "sending"
  | "waiting"
  | "waiting_offline"
  | "paying"
  | "unknown"
  | "proved_offline"
  | "closing"
  | "time_over"
  | "time_over_offline"
  | "expired"
  | "closed"
  | "paid_exact"
  | "paid_partial"
  | "paid_over"
  | "paid_late"
  | "paid_duplicate";

export interface PaySituation {
  key: PayKey;
  tone: Tone;
  /** Money may still come; the QR is shown. */
  live: boolean;
  paid: boolean;
}

export function situation(view: PayView, leftMs: number): PaySituation {
  const { intent, closing } = view.intent;
  if (intent.state === "paid") {
    const outcome = intent.outcome ?? "exact";
    return { key: `paid_${outcome}`, tone: outcome === "exact" ? "ok" : "warn", live: false, paid: true };
  }
  if (intent.state === "expired" || intent.state === "closed") {
    return { key: intent.state, tone: "none", live: false, paid: false };
  }
  const live = (key: PayKey, tone: Tone = "warn"): PaySituation => ({ key, tone, live: true, paid: false });
  if (intent.unknown) return live("unknown", "bad");
  if (intent.proved_offline) return live("proved_offline", "accent");
  if (closing) return live("closing");
  if (leftMs <= 0) return live(view.online ? "time_over" : "time_over_offline");
  if (intent.state === "paying") return live("paying", "accent");
  if (!view.online) return live("waiting_offline");
  return live(intent.state === "created" || view.intent.pending ? "sending" : "waiting");
}

/** Live, and yet no QR is shown: nobody shall begin to pay now. */
const HIDDEN = ["unknown", "closing", "time_over", "time_over_offline"] as const satisfies readonly PayKey[];
export type HiddenKey = (typeof HIDDEN)[number];

/** Why the QR of a live intent is not shown; null while it may be scanned, or after the end. */
export function hidden({ key, live }: PaySituation): HiddenKey | null {
  return live ? (HIDDEN.find((one) => one === key) ?? null) : null;
}

export function scannable(now: PaySituation): boolean {
  return now.live && hidden(now) === null;
}
