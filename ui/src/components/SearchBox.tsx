/// One box that finds things while one types, by keyboard alone. An Enter that comes before the
/// answer to the text it was typed with waits for that answer: a fast typist never picks the first
/// hit of an older query.
import { type ReactNode, type Ref, useEffect, useId, useImperativeHandle, useRef, useState } from "react";
import { onKey } from "../app/keys";
import { useLatest } from "../app/latest";
import styles from "./SearchBox.module.css";

export interface SearchHandle {
  focus: () => void;
  clear: () => void;
  /** As if this had been typed; with `go`, Enter as well. */
  type: (text: string, go: boolean) => void;
}

interface Props<Item> {
  label: string;
  placeholder: string;
  hint?: string;
  /** Finds; the signal is aborted when the text has moved on. */
  source: (text: string, signal: AbortSignal) => Promise<readonly Item[]>;
  itemKey: (item: Item) => string;
  renderItem: (item: Item) => ReactNode;
  /** `text` is what stood in the box (`5*ssc`). */
  onPick: (item: Item, text: string) => void;
  /** Enter on an empty box. */
  onEmptyEnter?: () => void;
  onPaste?: (text: string) => boolean;
  emptyText: string;
  /** Show hits for the empty text, too (recent ones). */
  openOnFocus?: boolean;
  size?: "normal" | "large";
  /** Results below the box in the flow (palette), not over it. */
  inline?: boolean;
  autoFocus?: boolean;
  testId?: string;
  ref?: Ref<SearchHandle>;
}

interface Found<Item> {
  text: string;
  items: readonly Item[];
}

export function SearchBox<Item>(props: Props<Item>) {
  const { label, placeholder, hint, source, itemKey, renderItem, onPick, onEmptyEnter, onPaste } = props;
  const { emptyText, openOnFocus = false, size = "normal", inline = false, autoFocus = false, testId, ref } = props;
  const listId = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState("");
  const [found, setFound] = useState<Found<Item> | null>(null);
  const [active, setActive] = useState(0);
  const [open, setOpen] = useState(false);
  const [picking, setPicking] = useState(false);
  const latest = useLatest(source);

  const asks = open && (openOnFocus || text.trim() !== "");
  useEffect(() => {
    if (!asks) return undefined;
    const abort = new AbortController();
    latest.current(text, abort.signal).then(
      (items) => {
        if (abort.signal.aborted) return;
        setFound({ text, items });
        setActive(0);
      },
      () => {
        if (!abort.signal.aborted) setFound({ text, items: [] });
      },
    );
    return () => abort.abort();
  }, [text, asks, latest]);

  const current = found !== null && found.text === text ? found.items : null;
  const items = found?.items ?? [];
  const shown = asks && found !== null;

  const clear = (): void => {
    setText("");
    setFound(null);
    setPicking(false);
  };
  const pick = (item: Item | undefined): void => {
    setPicking(false);
    if (item === undefined) return;
    const typed = text;
    clear();
    setOpen(openOnFocus && !inline);
    onPick(item, typed);
  };

  useEffect(() => {
    if (picking && current !== null) pick(current[0]);
  });

  useImperativeHandle(ref, () => ({
    focus: () => input.current?.focus(),
    clear,
    type(next, go) {
      input.current?.focus();
      setText(next);
      setOpen(true);
      setPicking(go);
    },
  }));

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView?.({ block: "nearest" });
  }, [active]);

  const move = (step: number) => (): boolean => {
    if (items.length === 0) return false;
    setOpen(true);
    setActive((at) => (at + step + items.length) % items.length);
    return true;
  };

  return (
    <div className={`${styles.box} ${styles[size]} ${inline ? styles.inline : ""}`}>
      <input
        ref={input}
        data-testid={testId}
        role="combobox"
        aria-label={label}
        aria-expanded={shown}
        aria-controls={listId}
        aria-autocomplete="list"
        {...(shown && items.length > 0 ? { "aria-activedescendant": `${listId}-${active}` } : {})}
        className={styles.input}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        // The entry bar is the home of focus on its screen (house rule), so it takes it at once.
        // oxlint-disable-next-line jsx-a11y/no-autofocus
        autoFocus={autoFocus}
        value={text}
        onFocus={() => setOpen(true)}
        onBlur={() => {
          setOpen(false);
          setPicking(false);
        }}
        onChange={(e) => {
          setText(e.target.value);
          setOpen(true);
          setPicking(false);
        }}
        onPaste={(e) => {
          if (onPaste?.(e.clipboardData.getData("text/plain"))) e.preventDefault();
        }}
        onKeyDown={onKey({
          ArrowDown: move(1),
          ArrowUp: move(-1),
          Enter: () => {
            if (text.trim() === "" && !openOnFocus) {
              onEmptyEnter?.();
              return onEmptyEnter !== undefined;
            }
            if (current === null) setPicking(true);
            else pick(current[active]);
            return true;
          },
          Escape: () => {
            if (text === "") return false;
            clear();
            return true;
          },
        })}
      />
      {hint === undefined || text !== "" ? null : (
        <span aria-hidden className={styles.hint}>
          {hint}
        </span>
      )}
      {shown ? (
        <div ref={list} id={listId} role="listbox" aria-label={label} className={styles.list}>
          {items.map((item, at) => (
            // Keys are handled by the combobox that owns this list.
            // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
            <div
              key={itemKey(item)}
              id={`${listId}-${at}`}
              role="option"
              aria-selected={at === active}
              className={styles.item}
              onMouseDown={(e) => e.preventDefault()}
              onMouseMove={() => setActive(at)}
              onClick={() => pick(item)}
            >
              {renderItem(item)}
            </div>
          ))}
          {items.length === 0 && current !== null ? <div className={styles.none}>{emptyText}</div> : null}
        </div>
      ) : (
        <div id={listId} hidden />
      )}
    </div>
  );
}
