/// Times are shown in the business' zone, not the computer's: a terminal carried to another zone
/// must not move an order to another day.
const ZONE = "Asia/Shanghai";

const parts = new Intl.DateTimeFormat("en-GB", {
  timeZone: ZONE,
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

type Part = "year" | "month" | "day" | "hour" | "minute" | "second";

function split(at: string | number): Record<Part, string> {
  const out = { year: "", month: "", day: "", hour: "", minute: "", second: "" };
  for (const part of parts.formatToParts(new Date(at))) {
    if (part.type in out) out[part.type as Part] = part.value;
  }
  return out;
}

/** `2026-11-22 20:34`; `at` is an RFC 3339 string or milliseconds. */
export function formatDateTime(at: string | number): string {
  const p = split(at);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/** `11-22 20:34`, for dense lists; the whole day, `2025-11-22`, where it is of another year. */
export function formatShort(at: string | number, now: number = Date.now()): string {
  const year = split(now).year;
  const text = formatDateTime(at);
  return text.startsWith(`${year}-`) ? text.slice(5) : text.slice(0, 10);
}

/** `20:34` */
export function formatTime(at: string | number): string {
  return formatDateTime(at).slice(11);
}

/** `2026-11-22` */
export function formatDate(at: string | number): string {
  return formatDateTime(at).slice(0, 10);
}

/** `13:42` from seconds left; never below zero. */
export function formatCountdown(seconds: number): string {
  const left = Math.max(0, Math.floor(seconds));
  const pad = (n: number): string => String(n).padStart(2, "0");
  return `${pad(Math.floor(left / 60))}:${pad(left % 60)}`;
}
