import { useState } from "react";
import { act } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { press, render, typeChar } from "../testing/render";
import { FLUSH_MS, installScanner, isBarcode, strip, useScan, Wedge } from "./scanner";

describe("the wedge detector", () => {
  const feed = (text: string, gaps: (at: number) => number) => {
    const wedge = new Wedge();
    let at = 1_000;
    for (const [index, char] of [...text].entries()) {
      at += index === 0 ? 0 : gaps(index);
      wedge.char(char, at);
    }
    return wedge.end(at + gaps(text.length));
  };

  it("takes six characters at 35 ms, not five, not at 36 ms", () => {
    expect(feed("100601", () => 35)).toEqual({ kind: "scan", code: "100601" });
    expect(feed("10060", () => 35)).toMatchObject({ kind: "flush", text: "0060" });
    expect(feed("100601", () => 36).kind).toBe("pass");
  });

  it("routes 10,000 scans at 2 to 30 ms among slow typing, all whole", () => {
    // Park-Miller: the same scans every run.
    let seed = 20_261_122;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const wedge = new Wedge();
    let at = 0;
    let misrouted = 0;
    for (let scan = 0; scan < 10_000; scan += 1) {
      for (let typed = Math.floor(random() * 4); typed > 0; typed -= 1) {
        at += 60 + random() * 200;
        if (wedge.char("x", at).kind === "hold") misrouted += 1;
      }
      at += 60 + random() * 200;
      const code = String(1e12 + Math.floor(random() * 1e12)).slice(0, 6 + Math.floor(random() * 8));
      for (const char of code) {
        wedge.char(char, at);
        at += 2 + random() * 28;
      }
      const verdict = wedge.end(at);
      if (verdict.kind !== "scan" || verdict.code !== code) misrouted += 1;
    }
    expect(misrouted).toBe(0);
  });

  it("puts 10,000 barcodes together whose first two gaps the page tore to up to 120 ms", () => {
    let seed = 6_904_083;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const wedge = new Wedge();
    let at = 0;
    let misrouted = 0;
    for (let scan = 0; scan < 10_000; scan += 1) {
      for (let typed = Math.floor(random() * 4); typed > 0; typed -= 1) {
        at += 36 + random() * 200;
        if (wedge.char("5*"[typed % 2] ?? "5", at).kind === "hold") misrouted += 1;
      }
      at += 36 + random() * 200;
      const digits = `69${String(1e10 + Math.floor(random() * 1e10)).slice(1)}`;
      const code = [..."0123456789"].map((check) => digits + check).find(isBarcode) ?? "";
      for (const [index, char] of [...code].entries()) {
        if (index > 0) at += index < 3 ? 2 + random() * 118 : 2 + random() * 28;
        wedge.char(char, at);
        // The timer may fire between any two keys, whatever their own times say.
        if (random() < 0.2) wedge.pause();
      }
      const verdict = wedge.end(at + 2 + random() * 28);
      if (verdict.kind !== "scan" || verdict.code !== code) misrouted += 1;
    }
    expect(misrouted).toBe(0);
  });

  it("adds what was typed before to nothing but a barcode that lacks it", () => {
    const scan = (before: string, code: string) => {
      const wedge = new Wedge();
      let at = 0;
      for (const char of before) wedge.char(char, (at += 100));
      at += 100;
      for (const char of code) wedge.char(char, (at += 8));
      return wedge.end(at);
    };
    expect(scan("69", "04083300269")).toEqual({ kind: "scan", code: "6904083300269" });
    expect(scan("3*69", "04083300269")).toEqual({ kind: "scan", code: "6904083300269" });
    expect(scan("68", "04083300269")).toEqual({ kind: "scan", code: "04083300269" });
    expect(scan("3", "6904083300269")).toEqual({ kind: "scan", code: "6904083300269" });
    expect(scan("12", "1006013")).toEqual({ kind: "scan", code: "1006013" });
  });

  it("gives back what a quick person typed, in order", () => {
    const wedge = new Wedge();
    expect(wedge.char("a", 0)).toEqual({ kind: "pass" });
    expect(wedge.char("b", 20)).toEqual({ kind: "hold" });
    expect(wedge.char("c", 120)).toEqual({ kind: "flush", text: "b", first: "a" });
    expect(wedge.other()).toEqual({ kind: "pass" });
  });

  it("strips what scanners send around a code", () => {
    expect(strip("]C16901234567892")).toBe("6901234567892");
    expect(strip(" 1006013\r")).toBe("1006013");
  });
});

describe("a scan in the window", () => {
  let uninstall: () => void;
  beforeEach(() => {
    vi.useFakeTimers();
    uninstall = installScanner(window);
  });
  afterEach(() => {
    uninstall();
    vi.useRealTimers();
  });

  const seen = { scanned: vi.fn(), partial: vi.fn(), enter: vi.fn() };
  beforeEach(() => {
    for (const spy of Object.values(seen)) spy.mockReset();
  });

  function Screen({ inputMode = "text" }: { inputMode?: "text" | "decimal" }) {
    const [text, setText] = useState("12");
    useScan(seen);
    return (
      <input aria-label="数量" inputMode={inputMode} value={text} onChange={(e) => setText(e.target.value)} onKeyDown={seen.enter} />
    );
  }

  const field = (host: HTMLElement): HTMLInputElement => {
    const input = host.querySelector("input") as HTMLInputElement;
    input.focus();
    return input;
  };
  const burst = (input: HTMLInputElement, code: string, from = 1_000): number => {
    let at = from;
    for (const char of code) {
      typeChar(input, char, at);
      at += 8;
    }
    return at;
  };

  it("reaches the screen from a focused field and leaves nothing in it", () => {
    const input = field(render(<Screen />));
    const at = burst(input, "6901234567892");
    seen.enter.mockReset();
    expect(press(input, "Enter", { at }).defaultPrevented).toBe(true);
    expect(seen.scanned).toHaveBeenCalledExactlyOnceWith("6901234567892");
    expect(input.value).toBe("12");
    expect(seen.enter).not.toHaveBeenCalled();
  });

  it("torn by a slow page is one code, and its first digits leave the field", () => {
    const input = field(render(<Screen />));
    typeChar(input, "6", 1_000);
    typeChar(input, "9", 1_110);
    expect(input.value).toBe("1269");
    const at = burst(input, "04083300269", 1_220);
    press(input, "Enter", { at });
    expect(seen.scanned).toHaveBeenCalledExactlyOnceWith("6904083300269");
    expect(input.value).toBe("12");
  });

  it("whose keys are handled late counts by the keys' own times", () => {
    const input = field(render(<Screen />));
    const at = burst(input, "1006", 1_000);
    act(() => vi.advanceTimersByTime(FLUSH_MS));
    expect(input.value).toBe("121006");
    press(input, "Enter", { at: burst(input, "013", at) });
    expect(seen.scanned).toHaveBeenCalledExactlyOnceWith("1006013");
    expect(input.value).toBe("12");
  });

  it("ended by Tab doesn't move the focus", () => {
    const input = field(render(<Screen />));
    const at = burst(input, "1006013");
    expect(press(input, "Tab", { at }).defaultPrevented).toBe(true);
    expect(seen.scanned).toHaveBeenCalledExactlyOnceWith("1006013");
  });

  it("two quick keys of a person arrive after all", () => {
    const input = field(render(<Screen />));
    burst(input, "34");
    expect(input.value).toBe("123");
    act(() => vi.advanceTimersByTime(FLUSH_MS));
    expect(input.value).toBe("1234");
    expect(seen.scanned).not.toHaveBeenCalled();
  });

  it("broken off over a number field is reported and kept out of it", () => {
    const input = field(render(<Screen inputMode="decimal" />));
    burst(input, "69012345");
    act(() => vi.advanceTimersByTime(FLUSH_MS));
    expect(seen.partial).toHaveBeenCalledExactlyOnceWith("69012345");
    expect(input.value).toBe("126");
  });

  it.each(["radio", "date"])("broken off over a field of type %s is reported and leaves its value alone", (type) => {
    const value = type === "date" ? "2026-11-22" : "cash";
    function Choice() {
      useScan(seen);
      return <input type={type} aria-label="现金" value={value} readOnly />;
    }
    const choice = field(render(<Choice />));
    for (const [at, key] of [..."69012345"].entries()) press(choice, key, { at: 1_000 + at * 8 });
    act(() => vi.advanceTimersByTime(FLUSH_MS));
    expect(seen.partial).toHaveBeenCalledExactlyOnceWith("69012345");
    expect(choice.value).toBe(value);
  });

  it("doesn't touch an Enter from an input method", () => {
    const input = field(render(<Screen />));
    const at = burst(input, "zhongguo");
    press(input, "Enter", { at, ime: "webkit" });
    expect(seen.scanned).not.toHaveBeenCalled();
    expect(input.value).toBe("12zhongguo");
  });

  it("is idle where no screen takes scans", () => {
    const host = render(<input aria-label="PIN" />);
    const input = field(host);
    const at = burst(input, "123456");
    expect(press(input, "Enter", { at }).defaultPrevented).toBe(false);
    expect(input.value).toBe("123456");
  });
});
