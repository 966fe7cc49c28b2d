import { act, useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { installKeys, useKeys } from "../app/keys";
import { setFieldValue } from "../app/scanner";
import { press, render } from "../testing/render";
import { type Column, DataGrid } from "./DataGrid";

interface Line {
  id: string;
  code: string;
  quantity: string;
  price: string;
}

const LINES: Line[] = Array.from({ length: 1_000 }, (_, at) => ({
  id: `l${at}`,
  code: String(1_006_000 + at),
  quantity: String((at * 7) % 10),
  price: "9.00",
}));

const plain: Column<Line>[] = [
  { id: "code", header: "编码", width: 100, cell: (line) => line.code },
  { id: "quantity", header: "数量", width: 80, align: "end", cell: (line) => line.quantity, compare: (a, b) => a.quantity.localeCompare(b.quantity) },
];

const focused = (): string => document.activeElement?.textContent ?? "";
const here = (): Element => document.activeElement ?? document.body;

describe("a grid of rows", () => {
  function list(props: Partial<Parameters<typeof DataGrid<Line>>[0]> = {}) {
    return render(
      <div style={{ height: 600 }}>
        <DataGrid label="订单" rows={LINES} columns={plain} rowKey={(line) => line.id} autoFocus {...props} />
      </div>,
    );
  }

  it("renders a window of a thousand rows, and is one tab stop", () => {
    const host = list();
    expect(host.querySelectorAll("[aria-rowindex]").length).toBeLessThan(60);
    expect(host.querySelectorAll('[tabindex="0"]')).toHaveLength(1);
    expect(host.querySelector("[role=grid]")?.getAttribute("aria-rowcount")).toBe("1001");
  });

  it("moves by arrows, page and ends, and keeps the focus on the active row", () => {
    list();
    expect(focused()).toContain("1006000");
    press(here(), "ArrowDown");
    press(here(), "ArrowDown");
    press(here(), "ArrowUp");
    expect(focused()).toContain("1006001");
    press(here(), "PageDown");
    expect(focused()).toContain("1006011");
    press(here(), "End");
    expect(focused()).toContain("1006999");
    press(here(), "ArrowDown");
    expect(focused()).toContain("1006999");
    press(here(), "Home");
    expect(focused()).toContain("1006000");
  });

  it("opens with Enter, marks with Space, tells which row is active", () => {
    const [onOpen, onMark, onActive] = [vi.fn(), vi.fn(), vi.fn()];
    list({ onOpen, onMark, onActive, marked: new Set(["l0"]) });
    press(here(), "ArrowDown");
    press(here(), "Enter");
    press(here(), " ");
    expect(onOpen).toHaveBeenCalledExactlyOnceWith(LINES[1]);
    expect(onMark).toHaveBeenCalledExactlyOnceWith(new Set(["l0", "l1"]));
    expect(onActive.mock.calls.map((call) => (call[0] as Line).id)).toEqual(["l0", "l1"]);
  });

  it("sorts by a header without losing the active row", () => {
    const onOpen = vi.fn();
    const host = list({ onOpen, initialKey: "l3" });
    const header = host.querySelector<HTMLButtonElement>("[role=columnheader] button");
    act(() => header?.click());
    expect(host.querySelector("[aria-sort]")?.getAttribute("aria-sort")).toBe("ascending");
    press(host.querySelector('[data-active="true"]') as Element, "Enter");
    expect(onOpen).toHaveBeenCalledExactlyOnceWith(LINES[3]);
  });

  it("falls to the neighbour when the active row goes away", () => {
    function Screen() {
      const [rows, setRows] = useState(LINES.slice(0, 3));
      const drop = (id: string) => setRows((all) => all.filter((line) => line.id !== id));
      return (
        <>
          <button type="button" onClick={() => drop("l1")}>1</button>
          <button type="button" onClick={() => drop("l2")}>2</button>
          <DataGrid label="行" rows={rows} columns={plain} rowKey={(line) => line.id} initialKey="l1" />
        </>
      );
    }
    const host = render(<Screen />);
    const [first, second] = host.querySelectorAll("button");
    act(() => first?.click());
    expect(host.querySelector('[data-active="true"]')?.textContent).toContain("1006002");
    act(() => second?.click());
    expect(host.querySelector('[data-active="true"]')?.textContent).toContain("1006000");
  });
});

describe("a grid of cells", () => {
  let uninstall: () => void;
  beforeEach(() => {
    uninstall = installKeys(window);
  });
  afterEach(() => uninstall());

  const committed = vi.fn();
  const atEnd = vi.fn();
  const newOrder = vi.fn();
  beforeEach(() => {
    for (const spy of [committed, atEnd, newOrder]) spy.mockReset();
  });

  function Entry() {
    const [lines, setLines] = useState(LINES.slice(0, 2));
    useKeys({ newOrder });
    const set = (line: Line, quantity: string): void =>
      setLines((all) => all.map((one) => (one.id === line.id ? { ...one, quantity } : one)));
    const columns: Column<Line>[] = [
      { id: "code", header: "编码", width: 100, cell: (line) => line.code },
      {
        id: "quantity",
        header: "数量",
        width: 80,
        align: "end",
        cell: (line) => line.quantity,
        edit: {
          text: (line) => line.quantity,
          commit: (line, text) => {
            committed(line.id, text);
            if (!/^\d+$/.test(text)) return false;
            set(line, text);
            return true;
          },
          step: (line, by) => set(line, String(Number(line.quantity) + by)),
        },
      },
      { id: "price", header: "单价", width: 80, align: "end", cell: (line) => line.price, edit: { text: (line) => line.price, commit: () => true } },
    ];
    return <DataGrid label="行" rows={lines} columns={columns} rowKey={(line) => line.id} onEnd={atEnd} autoFocus />;
  }

  const editor = (): HTMLInputElement => document.querySelector("input") as HTMLInputElement;
  const write = (text: string): void =>
    act(() => setFieldValue(editor(), text, text.length));

  it("typing replaces, Enter commits and goes to the next input cell", () => {
    render(<Entry />);
    press(here(), "4");
    expect(editor().value).toBe("4");
    write("42");
    press(editor(), "Enter");
    expect(committed).toHaveBeenCalledExactlyOnceWith("l0", "42");
    expect(focused()).toBe("9.00");
    press(here(), "Enter");
    expect(focused()).toBe("7");
    press(here(), "Enter", { shift: true });
    press(here(), "Enter", { shift: true });
    expect(focused()).toBe("42");
  });

  it("an Enter of an input method neither commits nor moves", () => {
    render(<Entry />);
    press(here(), "4");
    press(editor(), "Enter", { ime: "webkit" });
    press(editor(), "Enter", { ime: "chromium" });
    expect(committed).not.toHaveBeenCalled();
    expect(editor().value).toBe("4");
  });

  it("F2 edits the cell and doesn't open a new order", () => {
    render(<Entry />);
    press(here(), "F2");
    expect(editor().value).toBe("0");
    expect(newOrder).not.toHaveBeenCalled();
  });

  it("a refused text stays and says so; Esc brings the old value back", () => {
    render(<Entry />);
    press(here(), "x");
    press(editor(), "Enter");
    expect(editor().getAttribute("aria-invalid")).toBe("true");
    press(editor(), "Escape");
    expect(document.querySelector("input")).toBeNull();
    expect(focused()).toBe("0");
  });

  it("+ and - step, arrows go both ways, the end is reported", () => {
    render(<Entry />);
    press(here(), "+");
    press(here(), "+");
    press(here(), "-");
    expect(focused()).toBe("1");
    press(here(), "ArrowRight");
    expect(focused()).toBe("9.00");
    press(here(), "ArrowDown");
    press(here(), "Enter");
    expect(atEnd).toHaveBeenCalledOnce();
  });
});
