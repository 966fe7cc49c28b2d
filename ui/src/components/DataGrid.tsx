/// The dense grid: virtual rows, one tab stop, everything by arrows and Enter.
///
/// Two ways to live in it. Without editable columns the row is the unit: ↑↓ PgUp PgDn Home End,
/// Enter opens, Space marks. With them the cell is: arrows go both ways, typing replaces, F2 edits,
/// Enter commits and goes to the next input cell, + and - step. The active row is always rendered,
/// so that scrolling never throws the focus away.
import {
  type Column as TableColumn,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { onKey, typedChar } from "../app/keys";
import { RETRACT } from "../app/scanner";
import { CellEditor } from "./CellEditor";
import styles from "./DataGrid.module.css";

export interface Column<Row> {
  id: string;
  header: string;
  /** Pixels; a column with `grow` takes what is left, at least this. */
  width: number;
  grow?: boolean;
  /** Numbers right. */
  align?: "start" | "end";
  cell: (row: Row) => ReactNode;
  /** Ascending comparison; makes the header sort. */
  compare?: (a: Row, b: Row) => number;
  edit?: {
    /** The text the editor begins with. */
    text: (row: Row) => string;
    /** False refuses the text and stays in the editor. */
    commit: (row: Row, text: string) => boolean;
    /** + and - on the cell. */
    step?: (row: Row, by: 1 | -1) => void;
    /** This row's cell can't be edited. */
    locked?: (row: Row) => boolean;
    /** Enter passes it by, unless one is in such a cell already: reached by arrows or by its key. */
    aside?: true;
  };
}

export interface GridHandle {
  focus: () => void;
  focusCell: (key: string, column: string, edit?: boolean) => void;
  /** Makes a row the active one and leaves the focus where it is. */
  select: (key: string) => void;
}

interface Props<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** Told whenever another row becomes active. */
  onActive?: (row: Row | null) => void;
  onOpen?: (row: Row) => void;
  /** Makes rows markable with Space. */
  marked?: ReadonlySet<string>;
  onMark?: (marked: ReadonlySet<string>) => void;
  /** Enter in the last input cell. */
  onEnd?: () => void;
  /** The last rows have come into view: time to ask for older ones. */
  onNearEnd?: () => void;
  /** `data-…` attributes of a row. */
  rowData?: (row: Row) => Record<`data-${string}`, string>;
  /** The row to begin on. */
  initialKey?: string | undefined;
  empty?: ReactNode;
  footer?: ReactNode;
  rowHeight?: number;
  autoFocus?: boolean;
  ref?: Ref<GridHandle>;
}

const features = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() });
const PAGE = 10;

/** An editor begun with a text: typed just now, or what stood in the cell, to be replaced whole. */
interface Begun {
  text: string;
  typed: boolean;
}

interface Position {
  row: number;
  col: number;
}

export function DataGrid<Row extends object>(props: Props<Row>) {
  const { label, rows, columns, rowKey, onActive, onOpen, marked, onMark, onEnd, initialKey, onNearEnd, rowData } = props;
  const { empty, footer, rowHeight = 32, autoFocus = false, ref } = props;
  const byCell = columns.some((column) => column.edit !== undefined);
  const scroller = useRef<HTMLDivElement>(null);
  const [sorting, setSorting] = useState<SortingState>([]);
  const [activeKey, setActiveKey] = useState<string | null>(initialKey ?? null);
  const [col, setCol] = useState(() => firstInput(columns));
  const [editing, setEditing] = useState<Begun | null>(null);
  const wantsFocus = useRef(autoFocus);

  const table = useTable(
    {
      features,
      data: rows as Row[],
      columns: useMemo(
        () =>
          columns.map((column) => ({
            id: column.id,
            header: column.header,
            accessorFn: (row: Row) => row,
            enableSorting: column.compare !== undefined,
            sortDescFirst: false,
            sortFn: (a: { original: Row }, b: { original: Row }) => column.compare?.(a.original, b.original) ?? 0,
          })),
        [columns],
      ),
      getRowId: rowKey,
      state: { sorting },
      onSortingChange: setSorting,
    },
    () => null,
  );
  const sorted = table.getRowModel().rows;

  const found = activeKey === null ? -1 : sorted.findIndex((row) => row.id === activeKey);
  // When the active row is gone, its neighbour takes over instead of the top of the list.
  const lastAt = useRef(0);
  if (found >= 0) lastAt.current = found;
  const at: Position = {
    row: sorted.length === 0 ? -1 : Math.min(found >= 0 ? found : lastAt.current, sorted.length - 1),
    col: Math.min(col, columns.length - 1),
  };
  const activeRow = sorted[at.row];

  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => sorted[index]?.id ?? index,
    overscan: 8,
    rangeExtractor: useCallback(
      (range: Range) => {
        const shown = defaultRangeExtractor(range);
        return at.row < 0 || shown.includes(at.row) ? shown : [...shown, at.row].toSorted((a, b) => a - b);
      },
      [at.row],
    ),
  });

  const lastShown = virtual.getVirtualItems().at(-1)?.index ?? -1;
  const nearEnd = sorted.length > 0 && lastShown >= sorted.length - PAGE;
  useEffect(() => {
    if (nearEnd) onNearEnd?.();
  }, [nearEnd, sorted.length, onNearEnd]);

  const activeId = activeRow?.id ?? null;
  const told = useRef<string | null | undefined>(undefined);
  useEffect(() => {
    if (told.current === activeId) return;
    told.current = activeId;
    onActive?.(activeRow?.original ?? null);
  });

  const moveTo = (row: number, column = at.col): void => {
    const target = Math.max(0, Math.min(row, sorted.length - 1));
    const next = sorted[target];
    if (next === undefined) return;
    wantsFocus.current = true;
    setEditing(null);
    setActiveKey(next.id);
    setCol(Math.max(0, Math.min(column, columns.length - 1)));
    virtual.scrollToIndex(target, { align: "auto" });
  };

  const focusTarget = useCallback(
    () => scroller.current?.querySelector<HTMLElement>('[data-active="true"]') ?? null,
    [],
  );
  useLayoutEffect(() => {
    if (!wantsFocus.current || editing !== null) return;
    const target = focusTarget();
    if (target === null) return;
    wantsFocus.current = false;
    target.focus({ preventScroll: true });
  });

  useImperativeHandle(ref, () => ({
    select(key) {
      setActiveKey(key);
      const row = sorted.findIndex((candidate) => candidate.id === key);
      if (row >= 0) virtual.scrollToIndex(row, { align: "auto" });
    },
    focus() {
      wantsFocus.current = true;
      focusTarget()?.focus();
    },
    focusCell(key, column, edit = false) {
      const row = sorted.findIndex((candidate) => candidate.id === key);
      const target = columns.findIndex((candidate) => candidate.id === column);
      if (row < 0 || target < 0) return;
      moveTo(row, target);
      const original = sorted[row]?.original;
      const text = original === undefined ? undefined : columns[target]?.edit?.text(original);
      if (edit && text !== undefined) setEditing({ text, typed: false });
    },
  }));

  const canEdit = (position: Position): boolean => {
    const row = sorted[position.row]?.original;
    const edit = columns[position.col]?.edit;
    return row !== undefined && edit !== undefined && !(edit.locked?.(row) ?? false);
  };

  /** The next input cell after this one, in reading order. */
  const advance = (by: 1 | -1): void => {
    let { row, col: column } = at;
    for (;;) {
      column += by;
      if (column < 0 || column >= columns.length) {
        row += by;
        column = by > 0 ? 0 : columns.length - 1;
      }
      if (row < 0) return;
      if (row >= sorted.length) {
        setEditing(null);
        wantsFocus.current = false;
        onEnd?.();
        return;
      }
      const passedBy = columns[column]?.edit?.aside && !columns[at.col]?.edit?.aside;
      if (canEdit({ row, col: column }) && !passedBy) {
        moveTo(row, column);
        return;
      }
    }
  };

  const commit = (text: string, by: 1 | -1 | 0): boolean => {
    const edit = columns[at.col]?.edit;
    if (edit === undefined || activeRow === undefined) return true;
    if (!edit.commit(activeRow.original, text)) return false;
    setEditing(null);
    wantsFocus.current = by !== 0;
    if (by !== 0) advance(by);
    return true;
  };

  const startEdit = (text: string | null): boolean => {
    const edit = columns[at.col]?.edit;
    if (!canEdit(at) || edit === undefined || activeRow === undefined) return false;
    setEditing({ text: text ?? edit.text(activeRow.original), typed: text !== null });
    return true;
  };

  const step = (by: 1 | -1): boolean => {
    const edit = columns[at.col]?.edit;
    if (!canEdit(at) || edit?.step === undefined || activeRow === undefined) return false;
    edit.step(activeRow.original, by);
    return true;
  };

  const mark = (): boolean => {
    if (onMark === undefined || activeRow === undefined) return false;
    const next = new Set(marked);
    if (!next.delete(activeRow.id)) next.add(activeRow.id);
    onMark(next);
    return true;
  };

  const enter = (): boolean => {
    if (byCell) advance(1);
    else if (onOpen === undefined || activeRow === undefined) return false;
    else onOpen(activeRow.original);
    return true;
  };

  const keys = onKey({
    ArrowDown: () => moveTo(at.row + 1),
    ArrowUp: () => moveTo(at.row - 1),
    PageDown: () => moveTo(at.row + PAGE),
    PageUp: () => moveTo(at.row - PAGE),
    Home: () => (byCell ? moveTo(at.row, 0) : moveTo(0)),
    End: () => (byCell ? moveTo(at.row, columns.length - 1) : moveTo(sorted.length - 1)),
    "Ctrl+Home": () => moveTo(0),
    "Ctrl+End": () => moveTo(sorted.length - 1),
    ArrowLeft: () => byCell && moveTo(at.row, at.col - 1),
    ArrowRight: () => byCell && moveTo(at.row, at.col + 1),
    Enter: enter,
    "Shift+Enter": () => byCell && advance(-1),
    Space: mark,
    F2: () => startEdit(null),
    "+": () => step(1),
    "-": () => step(-1),
  });

  const handleKey = (event: KeyboardEvent): void => {
    if (editing !== null || event.target instanceof HTMLInputElement) return;
    keys(event);
    const char = event.nativeEvent.defaultPrevented ? null : typedChar(event);
    if (char !== null && char !== " " && byCell && startEdit(char)) event.preventDefault();
  };

  // A scanner's first character may have begun an edit: take it back.
  useEffect(() => {
    const element = scroller.current;
    const retract = (): void => setEditing(null);
    element?.addEventListener(RETRACT, retract);
    return () => element?.removeEventListener(RETRACT, retract);
  }, []);

  const template = columns
    .map((column) => (column.grow ? `minmax(${column.width}px, 1fr)` : `${column.width}px`))
    .join(" ");
  const grid = { "--columns": template, "--row-height": `${rowHeight}px` } as CSSProperties;

  return (
    // The grid's rows and cells hold the focus; the container only listens.
    // oxlint-disable-next-line jsx-a11y/interactive-supports-focus
    <div
      role="grid"
      aria-label={label}
      aria-rowcount={sorted.length + 1}
      aria-colcount={columns.length}
      aria-multiselectable={onMark === undefined ? undefined : true}
      className={styles.grid}
      style={grid}
      onKeyDown={handleKey}
    >
      <div role="row" aria-rowindex={1} className={`${styles.row} ${styles.head}`}>
        {columns.map((column) => (
          <HeaderCell key={column.id} column={column} sort={table.getColumn(column.id)} />
        ))}
      </div>
      <div ref={scroller} role={sorted.length === 0 ? "presentation" : "rowgroup"} className={styles.scroller}>
        <div className={styles.rows} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = sorted[item.index];
            if (row === undefined) return null;
            const active = item.index === at.row;
            const isMarked = marked?.has(row.id) ?? false;
            return (
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
              <div
                key={row.id}
                {...rowData?.(row.original)}
                role="row"
                aria-rowindex={item.index + 2}
                aria-selected={byCell ? undefined : active || isMarked}
                tabIndex={byCell ? undefined : active ? 0 : -1}
                data-active={!byCell && active}
                className={`${styles.row} ${styles.data} ${active ? styles.active : ""} ${isMarked ? styles.marked : ""}`}
                style={{ transform: `translateY(${item.start}px)` }}
                onClick={() => moveTo(item.index)}
                onDoubleClick={() => onOpen?.(row.original)}
              >
                {columns.map((column, index) => {
                  const activeCell = byCell && active && index === at.col;
                  return (
                    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events
                    <div
                      key={column.id}
                      role="gridcell"
                      aria-colindex={index + 1}
                      tabIndex={byCell ? (activeCell ? 0 : -1) : undefined}
                      data-active={activeCell}
                      className={`${styles.cell} ${column.align === "end" ? styles.end : ""} ${activeCell ? styles.current : ""}`}
                      onClick={
                        byCell
                          ? (e) => {
                              e.stopPropagation();
                              moveTo(item.index, index);
                            }
                          : undefined
                      }
                      onDoubleClick={byCell ? () => startEdit(null) : undefined}
                    >
                      {activeCell && editing !== null ? (
                        <CellEditor
                          label={column.header}
                          initial={editing.text}
                          typed={editing.typed}
                          end={column.align === "end"}
                          onCommit={commit}
                          onCancel={() => {
                            wantsFocus.current = true;
                            setEditing(null);
                          }}
                        />
                      ) : (
                        column.cell(row.original)
                      )}
                    </div>
                  );
                })}
              </div>
            );
          })}
        </div>
        {sorted.length === 0 ? empty : null}
      </div>
      {footer === undefined ? null : <div className={styles.footer}>{footer}</div>}
    </div>
  );
}

function firstInput<Row>(columns: readonly Column<Row>[]): number {
  return Math.max(
    0,
    columns.findIndex((column) => column.edit !== undefined),
  );
}

interface HeaderProps<Row extends object> {
  column: Column<Row>;
  sort: TableColumn<typeof features, Row> | undefined;
}

const ARIA_SORT = { asc: "ascending", desc: "descending" } as const;

function HeaderCell<Row extends object>({ column, sort }: HeaderProps<Row>) {
  const direction = sort?.getIsSorted() || null;
  return (
    <div
      role="columnheader"
      aria-sort={direction === null ? undefined : ARIA_SORT[direction]}
      className={`${styles.cell} ${column.align === "end" ? styles.end : ""}`}
    >
      {column.compare === undefined ? (
        column.header
      ) : (
        <button type="button" tabIndex={-1} className={styles.sort} onClick={sort?.getToggleSortingHandler()}>
          {column.header}
          <span aria-hidden>{direction === null ? "" : direction === "asc" ? " ↑" : " ↓"}</span>
        </button>
      )}
    </div>
  );
}
