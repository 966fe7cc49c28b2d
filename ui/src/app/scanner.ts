/// A hand scanner types: a burst of characters at most 35 ms apart, ended by Enter or Tab. It must
/// work from any focus and never leave its digits in a quantity or a price. From the second fast
/// character on the burst is held back; if it turns out to be a person after all, it is typed again
/// where the focus is. The first character can't be known in time, so it is taken back when the
/// burst proves to be a scan. The page itself may slow the first gaps (the focus moves, a list opens):
/// digits typed just before a burst belong to it when only together they make a printed barcode.
import { useContext, useEffect } from "react";
import { endsScan, isIme, Still } from "./keys";
import { useLatest } from "./latest";

export const MAX_GAP_MS = 35;
export const MIN_LENGTH = 6;
/** Until then a burst that stopped is still waited for; then it was typing, or a broken scan. */
export const FLUSH_MS = 60;
/** A gap that the page's own work may tear into a burst. */
export const TORN_GAP_MS = 120;

const BARCODE_LENGTH = 13;

/** Thirteen digits, the last of them the check digit of the others. */
export function isBarcode(text: string): boolean {
  if (!/^\d{13}$/.test(text)) return false;
  return [...text].reduce((sum, digit, at) => sum + Number(digit) * (at % 2 === 0 ? 1 : 3), 0) % 10 === 0;
}

export type Verdict =
  /** The key goes its way. */
  | { kind: "pass" }
  /** The key is held: its default must be prevented. */
  | { kind: "hold" }
  /** The key ended a scan; all characters, the first included, are the code. */
  | { kind: "scan"; code: string }
  /** What was held was typing: type it, then let this key go its way. */
  | { kind: "flush"; text: string; first: string };

/** Decides from keys and their own times alone, so that it can be tested without a keyboard. */
export class Wedge {
  /** Typed just before the burst, at most `TORN_GAP_MS` apart. */
  #lead = "";
  #text = "";
  /** How many characters of the burst have been let through. */
  #through = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** Characters held back, without those that have been let through. */
  get held(): string {
    return this.#text.slice(this.#through);
  }

  /** Characters since the last clear pause, the burst's own included. */
  get length(): number {
    return this.#lead.length + this.#text.length;
  }

  char(char: string, at: number): Verdict {
    const gap = at - this.#last;
    this.#last = at;
    if (gap <= MAX_GAP_MS && this.#text !== "") {
      this.#text += char;
      return { kind: "hold" };
    }
    const verdict = this.#flush();
    this.#lead = gap <= TORN_GAP_MS ? (this.#lead + this.#text).slice(1 - BARCODE_LENGTH) : "";
    this.#text = char;
    this.#through = 1;
    return verdict;
  }

  /** Enter or Tab. */
  end(at: number): Verdict {
    const text = this.#text;
    if (at - this.#last > MAX_GAP_MS || text.length < MIN_LENGTH) return this.other();
    const torn = (this.#lead + text).slice(-BARCODE_LENGTH);
    this.reset();
    return { kind: "scan", code: text.length < BARCODE_LENGTH && isBarcode(torn) ? torn : text };
  }

  /** Any other key: what is held was typing. */
  other(): Verdict {
    const verdict = this.#flush();
    this.reset();
    return verdict;
  }

  /** Nothing came for a while. A busy page sees keys late, so the keys' own times may yet go on. */
  pause(): Verdict {
    const verdict = this.#flush();
    this.#through = this.#text.length;
    return verdict;
  }

  reset(): void {
    this.#lead = "";
    this.#text = "";
    this.#through = 0;
    this.#last = Number.NEGATIVE_INFINITY;
  }

  #flush(): Verdict {
    const text = this.held;
    return text === "" ? { kind: "pass" } : { kind: "flush", text, first: this.#text.slice(0, this.#through) };
  }
}

interface Handlers {
  /** A whole code, prefix and suffix stripped. */
  scanned: (code: string) => void;
  /** A burst that broke off outside a text field: shown, never guessed at. */
  partial: (text: string) => void;
}

const stack: Handlers[] = [];
const top = (): Handlers | undefined => stack.at(-1);

/** AIM symbology identifiers and control characters that scanners are set to send around a code. */
export function strip(code: string): string {
  return code.replace(/^\][A-Za-z]\d/, "").trim();
}

type TextField = HTMLInputElement | HTMLTextAreaElement;
/** What holds typed text at a caret: a radio button, a switch or a date is an input as well, and has none. */
export const textField = (element: Element | null): TextField | null =>
  element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && /^(text|search|tel|url|password)$/.test(element.type)) ? element : null;

/** Sent to the element that took the first character of a scan: undo what it made of it. */
export const RETRACT = "fieldtill:retract";

/** Writes as a person would, so that React hears of it. */
export function setFieldValue(field: TextField, value: string, caret: number): void {
  const proto = field instanceof HTMLInputElement ? HTMLInputElement : HTMLTextAreaElement;
  Object.getOwnPropertyDescriptor(proto.prototype, "value")?.set?.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if (field.isConnected && textField(field) !== null) field.setSelectionRange(caret, caret);
}

function typeInto(field: TextField, text: string): void {
  const from = field.selectionStart ?? field.value.length;
  const to = field.selectionEnd ?? from;
  setFieldValue(field, field.value.slice(0, from) + text + field.value.slice(to), from + text.length);
}

/** What a key that was let through found, and the how-manieth character it was. */
interface Found {
  nth: number;
  element: Element | null;
  value: string;
  caret: number;
}

/** As it was before a scan's first character: one value per field it passed through. */
function takeBack(found: readonly Found[]): void {
  const done = new Set<Element>();
  for (const { element, value, caret } of found) {
    const field = textField(element);
    if (field === null || done.has(field)) continue;
    done.add(field);
    if (field.isConnected && field.value !== value) setFieldValue(field, value, caret);
  }
  found[0]?.element?.dispatchEvent(new CustomEvent(RETRACT, { bubbles: true }));
}

/** Listens in front of everything else. Idle while no screen takes scans (PIN, enrolment). */
export function installScanner(target: Window): () => void {
  const wedge = new Wedge();
  const doc = target.document;
  let nth = 0;
  let found: Found[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const deliver = (verdict: Verdict): void => {
    if (verdict.kind === "scan") {
      const first = nth - verdict.code.length;
      takeBack(found.slice(Math.max(0, found.findLastIndex((one) => one.nth <= first))));
      found = [];
      const code = strip(verdict.code);
      if (code !== "") top()?.scanned(code);
    } else if (verdict.kind === "flush") {
      const field = textField(doc.activeElement);
      const numeric = field !== null && /decimal|numeric/.test(field.inputMode);
      if (field !== null && !(numeric && verdict.text.length >= MIN_LENGTH)) typeInto(field, verdict.text);
      else if (verdict.text.length >= MIN_LENGTH - 1) top()?.partial(verdict.first + verdict.text);
    }
  };

  const keydown = (e: KeyboardEvent): void => {
    if (top() === undefined) return;
    if (e.key === "Shift") return;
    clearTimeout(timer);
    const modified = e.ctrlKey || e.metaKey || e.altKey;
    let verdict: Verdict;
    let typed = false;
    if (isIme(e) || modified) verdict = wedge.other();
    else if (endsScan(e)) verdict = wedge.end(e.timeStamp);
    else if (/^[\x20-\x7e]$/.test(e.key)) {
      verdict = wedge.char(e.key, e.timeStamp);
      typed = true;
    } else verdict = wedge.other();

    deliver(verdict);
    if (verdict.kind === "hold" || verdict.kind === "scan") {
      e.preventDefault();
      e.stopImmediatePropagation();
    } else if (typed) {
      const element = doc.activeElement;
      const field = textField(element);
      const one = { nth, element, value: field?.value ?? "", caret: field?.selectionStart ?? 0 };
      found = [...found.filter((held) => held.nth > nth - wedge.length), one];
    }
    if (typed) nth += 1;
    if (wedge.held !== "") timer = setTimeout(() => deliver(wedge.pause()), FLUSH_MS);
  };

  target.addEventListener("keydown", keydown, { capture: true });
  return () => {
    clearTimeout(timer);
    target.removeEventListener("keydown", keydown, { capture: true });
  };
}

/** While mounted, this component takes what is scanned. The one mounted last goes first. */
export function useScan(handlers: Handlers): void {
  const latest = useLatest(handlers);
  const still = useContext(Still);
  useEffect(() => {
    if (still) return undefined;
    const entry: Handlers = {
      scanned: (code) => latest.current.scanned(code),
      partial: (text) => latest.current.partial(text),
    };
    stack.push(entry);
    return () => {
      stack.splice(stack.indexOf(entry), 1);
    };
  }, [still, latest]);
}
