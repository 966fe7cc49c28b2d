import { act } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { render } from "../testing/render";
import { clearScanToasts, clearToasts, say, sayBadScan, Toasts } from "./toast";

describe("toasts", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    clearToasts();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const shown = (host: HTMLElement): string[] =>
    [...host.querySelectorAll("[role] > div")].map((toast) => (toast.textContent ?? "").replace(/[✕✓·△]/gu, ""));

  it("say the same thing once, with a count", () => {
    const host = render(<Toasts closeLabel="关闭" />);
    act(() => {
      for (let time = 0; time < 3; time += 1) sayBadScan("没有这个条码");
    });
    expect(shown(host)).toEqual(["没有这个条码 ×3"]);
  });

  it("forget a failed scan after 8 s from the last one, or when it is settled; other bad news stays", () => {
    const host = render(<Toasts closeLabel="关闭" />);
    act(() => say("bad", "拒绝"));
    act(() => sayBadScan("条码"));
    act(() => vi.advanceTimersByTime(5_000));
    act(() => sayBadScan("条码"));
    act(() => vi.advanceTimersByTime(7_999));
    expect(shown(host)).toEqual(["拒绝", "条码 ×2"]);
    act(() => vi.advanceTimersByTime(1));
    expect(shown(host)).toEqual(["拒绝"]);
    act(() => sayBadScan("条码"));
    act(() => clearScanToasts());
    expect(shown(host)).toEqual(["拒绝"]);
  });

  it("are three at most, and bad news makes room last", () => {
    const host = render(<Toasts closeLabel="关闭" />);
    act(() => {
      say("bad", "a");
      say("ok", "b");
      say("bad", "c");
      say("bad", "d");
    });
    expect(shown(host)).toEqual(["a", "c", "d"]);
  });
});
