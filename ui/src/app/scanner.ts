/// A hand scanner types: a burst of characters at most 35 ms apart, ended by Enter or Tab. It must
/// work from any focus and never leave its digits in a quantity or a price. From the second fast
/// character on the burst is held back; if it turns out to be a person after all, it is typed again
/// where the focus is. The first character can't be known in time, so it is taken back when the
/// burst proves to be a scan.
import { useEffect } from "react";
import { endsScan, isIme } from "./keys";
import { useLatest } from "./latest";

export const MAX_GAP_MS = 35;
export const MIN_LENGTH = 6;
/** Until then a burst that stopped is still waited for; then it was typing, or a broken scan. */
export const FLUSH_MS = 60;

export type Verdict =
  /** The key goes its way. */
  | { kind: "pass" }
  /** The key is held: its default must be prevented. */
  | { kind: "hold" }
  /** The key ended a scan; all characters, the first included, are the code. */
  | { kind: "scan"; code: string }
  /** What was held was typing: type it, then let this key go its way. */
  | { kind: "flush"; text: string; first: string };

/** Decides from keys and times alone, so that it can be tested without a keyboard. */
export class Wedge {
  #text = "";
  #last = Number.NEGATIVE_INFINITY;

  /** Characters held back, without the first one, which has been let through. */
  get held(): string {
    return this.#text.slice(1);
  }

  get first(): string {
    return this.#text.slice(0, 1);
  }

  char(char: string, at: number): Verdict {
    const fast = at - this.#last <= MAX_GAP_MS;
    this.#last = at;
    if (fast && this.#text !== "") {
      this.#text += char;
      return { kind: "hold" };
    }
    const { held, first } = this;
    this.#text = char;
    return held === "" ? { kind: "pass" } : { kind: "flush", text: held, first };
  }

  /** Enter or Tab. */
  end(at: number): Verdict {
    const fast = at - this.#last <= MAX_GAP_MS;
    const text = this.#text;
    if (fast && text.length >= MIN_LENGTH) {
      this.reset();
      return { kind: "scan", code: text };
    }
    return this.other();
  }

  /** Any other key, or time: what is held was typing. */
  other(): Verdict {
    const { held, first } = this;
    this.reset();
    return held === "" ? { kind: "pass" } : { kind: "flush", text: held, first };
  }

  reset(): void {
    this.#text = "";
    this.#last = Number.NEGATIVE_INFINITY;
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
const textField = (element: Element | null): TextField | null =>
  element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? element : null;

/** Sent to the element that took the first character of a scan: undo what it made of it. */
export const RETRACT = "fieldtill:retract";

/** Writes as a person would, so that React hears of it. */
export function setFieldValue(field: TextField, value: string, caret: number): void {
  const proto = field instanceof HTMLInputElement ? HTMLInputElement : HTMLTextAreaElement;
  Object.getOwnPropertyDescriptor(proto.prototype, "value")?.set?.call(field, value);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  if (field.isConnected) field.setSelectionRange(caret, caret);
}

function typeInto(field: TextField, text: string): void {
  const from = field.selectionStart ?? field.value.length;
  const to = field.selectionEnd ?? from;
  setFieldValue(field, field.value.slice(0, from) + text + field.value.slice(to), from + text.length);
}

/** Listens in front of everything else. Idle while no screen takes scans (PIN, enrolment). */
export function installScanner(target: Window): () => void {
  const wedge = new Wedge();
  const doc = target.document;
  let before: { element: Element | null; value: string; caret: number } | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const deliver = (verdict: Verdict): void => {
    if (verdict.kind === "scan") {
      const field = textField(before?.element ?? null);
      if (before !== undefined && field?.isConnected && field.value !== before.value) {
        setFieldValue(field, before.value, before.caret);
      }
      before?.element?.dispatchEvent(new CustomEvent(RETRACT, { bubbles: true }));
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
    if (isIme(e) || modified) verdict = wedge.other();
    else if (endsScan(e)) verdict = wedge.end(e.timeStamp);
    else if (/^[\x20-\x7e]$/.test(e.key)) verdict = wedge.char(e.key, e.timeStamp);
    else verdict = wedge.other();

    deliver(verdict);
    if (verdict.kind === "hold" || verdict.kind === "scan") {
      e.preventDefault();
      e.stopImmediatePropagation();
    } else {
      const element = doc.activeElement;
      const field = textField(element);
      before = { element, value: field?.value ?? "", caret: field?.selectionStart ?? 0 };
    }
    if (wedge.held !== "") timer = setTimeout(() => deliver(wedge.other()), FLUSH_MS);
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
  useEffect(() => {
    const entry: Handlers = {
      scanned: (code) => latest.current.scanned(code),
      partial: (text) => latest.current.partial(text),
    };
    stack.push(entry);
    return () => {
      stack.splice(stack.indexOf(entry), 1);
    };
  }, [latest]);
}
