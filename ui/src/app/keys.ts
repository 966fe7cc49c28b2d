/// The one place that reads the keyboard.
///
/// Why one place: on WebKit the Enter that commits a Chinese candidate arrives after
/// compositionend with isComposing=false and keyCode=229, so every raw handler submits the form
/// under the person's hands. `isIme` is that guard; a lint refuses raw handling elsewhere.
/// The same map names the chords, feeds the key bar and prints the F1 sheet, so that a shortcut
/// can't be shown and missing, or working and unknown.
import { createContext, useContext, useEffect, useSyncExternalStore } from "react";
import { useLatest } from "./latest";

export type Scope = "everywhere" | "entry" | "list" | "form" | "pay";

interface KeyDef {
  chord: string;
  scope: Scope;
  /** Works over an open dialog, too. */
  always?: true;
}

/** Every action that has a chord. Two actions may share one only in different scopes. */
export const KEYS = {
  help: { chord: "F1", scope: "everywhere", always: true },
  newOrder: { chord: "F2", scope: "everywhere" },
  search: { chord: "Ctrl+K", scope: "everywhere" },
  sync: { chord: "Ctrl+J", scope: "everywhere" },
  lock: { chord: "Ctrl+L", scope: "everywhere", always: true },
  back: { chord: "Escape", scope: "everywhere" },
  distributor: { chord: "F3", scope: "entry" },
  product: { chord: "F4", scope: "entry" },
  quantity: { chord: "F6", scope: "entry" },
  price: { chord: "F7", scope: "entry" },
  useDeposit: { chord: "F8", scope: "entry" },
  collect: { chord: "F9", scope: "entry" },
  collectOffline: { chord: "F10", scope: "entry" },
  confirm: { chord: "F12", scope: "entry" },
  undo: { chord: "Ctrl+Z", scope: "entry" },
  redo: { chord: "Ctrl+Shift+Z", scope: "entry" },
  duplicateLine: { chord: "Ctrl+D", scope: "entry" },
  removeLine: { chord: "Ctrl+Delete", scope: "entry" },
  filter: { chord: "Ctrl+F", scope: "list" },
  refine: { chord: "F3", scope: "list" },
  exportRows: { chord: "Ctrl+E", scope: "list" },
  payOrder: { chord: "F9", scope: "list" },
  collectFor: { chord: "F10", scope: "list" },
  copyAsNew: { chord: "Ctrl+D", scope: "list" },
  editOrder: { chord: "F5", scope: "list" },
  add: { chord: "F4", scope: "list" },
  payFromDeposit: { chord: "F8", scope: "list" },
  confirmMoney: { chord: "F12", scope: "list" },
  rejectMoney: { chord: "Ctrl+Delete", scope: "list" },
  refund: { chord: "Ctrl+R", scope: "list" },
  placeMoney: { chord: "Ctrl+M", scope: "list" },
  closeItem: { chord: "Ctrl+G", scope: "list" },
  fetchBill: { chord: "Ctrl+B", scope: "list" },
  importBill: { chord: "Ctrl+O", scope: "list" },
  retry: { chord: "F6", scope: "list" },
  holdOffline: { chord: "F7", scope: "list" },
  save: { chord: "F12", scope: "form" },
  photo: { chord: "F8", scope: "form" },
  revoke: { chord: "Ctrl+Delete", scope: "form" },
  reissue: { chord: "F6", scope: "pay" },
  giveUp: { chord: "Ctrl+Delete", scope: "pay" },
  fullScreen: { chord: "F8", scope: "pay" },
  switchToOffline: { chord: "F10", scope: "pay" },
  next: { chord: "F12", scope: "pay" },
} as const satisfies Record<string, KeyDef>;

export type Action = keyof typeof KEYS;
export const ACTIONS = Object.keys(KEYS) as Action[];

/** What the browser would do with a half-typed order on screen: reload, caret browsing, its own
 *  find bar, its own print, zoom. */
const NEUTRAL = new Set([
  "F3", "F5", "Ctrl+F5", "Shift+F5", "F6", "F7", "F10", "F11", "F12",
  "Ctrl+R", "Ctrl+Shift+R", "Ctrl+F", "Ctrl+G", "Ctrl+P", "Ctrl+S", "Ctrl+U", "Ctrl+D", "Ctrl+J",
  "Ctrl+L", "Ctrl+E", "Ctrl++", "Ctrl+=", "Ctrl+-", "Ctrl+0", "Alt+ArrowLeft", "Alt+ArrowRight",
]);

type AnyKeyboardEvent = KeyboardEvent | { nativeEvent: KeyboardEvent };
const native = (event: AnyKeyboardEvent): KeyboardEvent =>
  "nativeEvent" in event ? event.nativeEvent : event;

/** True while an input method owns the key: before compositionend (Chromium) or as the 229 that
 *  WebKit sends after it. */
export function isIme(event: Pick<KeyboardEvent, "isComposing" | "keyCode">): boolean {
  return event.isComposing || event.keyCode === 229;
}

/** `Ctrl+Shift+Z`, `F9`, `ArrowDown`, or the character itself for plain typing. */
export function chordOf(event: KeyboardEvent): string {
  const ctrl = event.ctrlKey || event.metaKey;
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const printable = event.key.length === 1;
  let key = event.key === " " ? "Space" : event.key;
  if (printable && (ctrl || event.altKey)) key = letter ?? key.toUpperCase();
  if (printable && !ctrl && !event.altKey) return key;
  return [ctrl && "Ctrl", event.altKey && "Alt", event.shiftKey && "Shift", key]
    .filter(Boolean)
    .join("+");
}

/** The keys that hand scanners are set to send after a code. */
export function endsScan(event: KeyboardEvent): boolean {
  return event.key === "Enter" || event.key === "Tab";
}

/** The character that typing this key would enter, or null. */
export function typedChar(event: AnyKeyboardEvent): string | null {
  const e = native(event);
  if (isIme(e) || e.ctrlKey || e.metaKey || e.altKey || e.key.length !== 1) return null;
  return e.key;
}

/** Keys that a part took, also where the browser default had been prevented before (F6 in a cell). */
const consumed = new WeakSet<Event>();

type Handler = (event: KeyboardEvent) => unknown;

/**
 * A keydown handler from chords. A chord that has a handler is consumed (default prevented, so the
 * global map leaves it alone) unless the handler returns false.
 */
export function onKey(handlers: Record<string, Handler>): (event: AnyKeyboardEvent) => void {
  return (event) => {
    const e = native(event);
    if (isIme(e)) return;
    const handler = handlers[chordOf(e)];
    if (handler !== undefined && handler(e) !== false) {
      e.preventDefault();
      consumed.add(e);
    }
  };
}

/** The handler for "Enter means go": never fires while a candidate is being chosen. */
export function onEnter(run: () => void): (event: AnyKeyboardEvent) => void {
  return onKey({ Enter: run });
}

export type Handlers = Partial<Record<Action, (() => void) | false | undefined>>;

const LEVEL = { base: 0, screen: 1, modal: 2 } as const;
interface Layer {
  level: keyof typeof LEVEL;
  handlers: () => Handlers;
}

/** The active layers, lowest first: shell, screen, dialog. The highest that knows an action gets it. */
let layers: readonly Layer[] = [];
const listeners = new Set<() => void>();

function setLayers(next: readonly Layer[]): void {
  layers = next;
  for (const listener of listeners) listener();
}

export function addLayer(layer: Layer): () => void {
  const rank = LEVEL[layer.level];
  const at = layers.findIndex((other) => LEVEL[other.level] > rank);
  setLayers(at < 0 ? [...layers, layer] : layers.toSpliced(at, 0, layer));
  return () => setLayers(layers.filter((other) => other !== layer));
}

const modalOpen = (): boolean => layers.at(-1)?.level === "modal";

function find(matches: (action: Action) => boolean, underModal: boolean): (() => void) | undefined {
  for (const layer of layers.toReversed()) {
    const blocked = underModal && layer.level !== "modal";
    for (const [action, run] of Object.entries(layer.handlers()) as [Action, Handlers[Action]][]) {
      if (!run || !matches(action)) continue;
      if (blocked && !("always" in KEYS[action])) continue;
      return run;
    }
  }
  return undefined;
}

/** Runs an action as if its chord had been pressed (key bar, palette). False when nobody offers it. */
export function runAction(action: Action): boolean {
  const run = find((candidate) => candidate === action, modalOpen());
  run?.();
  return run !== undefined;
}

/** Actions that work right now, in the order of the map. */
export function activeActions(): Action[] {
  const underModal = modalOpen();
  return ACTIONS.filter((action) => find((candidate) => candidate === action, underModal));
}

function isEditable(target: EventTarget | null): target is HTMLElement {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input, textarea, select"))
  );
}

/**
 * Installs the global listeners. Capture decides what the browser may not do and whether a dialog
 * was open at that moment (it may close before the event has bubbled); bubble runs the action,
 * unless a part has consumed the key.
 */
export function installKeys(target: Window): () => void {
  const seen = new WeakMap<Event, { underModal: boolean; ours: boolean }>();

  const capture = (e: KeyboardEvent): void => {
    if (isIme(e)) return;
    const chord = chordOf(e);
    const backspace = chord === "Backspace" && !isEditable(e.target);
    const ours = NEUTRAL.has(chord) || backspace;
    seen.set(e, { underModal: modalOpen(), ours });
    if (ours) e.preventDefault();
  };

  const bubble = (e: KeyboardEvent): void => {
    const mark = seen.get(e);
    if (mark === undefined || (e.defaultPrevented && !mark.ours) || consumed.has(e)) return;
    const chord = chordOf(e);
    const textUndo = chord === "Ctrl+Z" || chord === "Ctrl+Shift+Z";
    if (textUndo && e.target instanceof HTMLInputElement && e.target.value !== "") return;
    const run = find((action) => KEYS[action].chord === chord, mark.underModal);
    if (run === undefined) return;
    e.preventDefault();
    run();
  };

  const wheel = (e: WheelEvent): void => {
    if (e.ctrlKey || e.metaKey) e.preventDefault();
  };

  target.addEventListener("keydown", capture, { capture: true });
  target.addEventListener("keydown", bubble);
  target.addEventListener("wheel", wheel, { passive: false });
  return () => {
    target.removeEventListener("keydown", capture, { capture: true });
    target.removeEventListener("keydown", bubble);
    target.removeEventListener("wheel", wheel);
  };
}

/** True around what is only looked at: it offers no keys and takes no scans. */
export const Still = createContext(false);

/** Offers actions while the component is mounted. Values that are false or undefined are not offered. */
export function useKeys(handlers: Handlers, level: keyof typeof LEVEL = "screen"): void {
  const latest = useLatest(handlers);
  const still = useContext(Still);
  const offered = ACTIONS.filter((action) => handlers[action]).join();
  useEffect(() => {
    if (still || (offered === "" && level !== "modal")) return undefined;
    return addLayer({ level, handlers: () => latest.current });
  }, [still, offered, level, latest]);
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
const snapshot = (): string => activeActions().join();

/** The actions offered now, for the key bar and the F1 sheet. */
export function useActiveActions(): Action[] {
  const joined = useSyncExternalStore(subscribe, snapshot);
  return joined === "" ? [] : (joined.split(",") as Action[]);
}
