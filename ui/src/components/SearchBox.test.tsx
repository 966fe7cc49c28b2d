import { act } from "react";
import { describe, expect, it, vi } from "vitest";
import { setFieldValue } from "../app/scanner";
import { press, render, settle } from "../testing/render";
import { SearchBox } from "./SearchBox";

const PRODUCTS = ["四件套", "四角枕", "毛巾"];

function mount(source: (text: string) => Promise<string[]>) {
  const onPick = vi.fn();
  const host = render(
    <SearchBox
      label="产品"
      placeholder="编码"
      source={source}
      itemKey={(item) => item}
      renderItem={(item) => item}
      onPick={onPick}
      emptyText="没有找到"
    />,
  );
  const input = host.querySelector("input") as HTMLInputElement;
  act(() => input.focus());
  const write = (text: string): void =>
    act(() => setFieldValue(input, text, text.length));
  return { host, input, onPick, write };
}

const find = (text: string): Promise<string[]> => Promise.resolve(PRODUCTS.filter((name) => name.startsWith(text)));

describe("search box", () => {
  it("picks by arrows and Enter, and is empty and focused again", async () => {
    const { host, input, onPick, write } = mount(find);
    write("四");
    await settle();
    expect(host.querySelectorAll("[role=option]")).toHaveLength(2);
    press(input, "ArrowDown");
    expect(input.getAttribute("aria-activedescendant")).toBe(host.querySelector("[aria-selected=true]")?.id);
    press(input, "Enter");
    expect(onPick).toHaveBeenCalledExactlyOnceWith("四角枕", "四");
    expect(input.value).toBe("");
    expect(document.activeElement).toBe(input);
  });

  it("an early Enter waits for the answer to its own text", async () => {
    const answers = new Map<string, (items: string[]) => void>();
    const { input, onPick, write } = mount((text) => new Promise((resolve) => answers.set(text, resolve)));
    write("四");
    write("四角");
    press(input, "Enter");
    answers.get("四")?.(["四件套"]);
    await settle();
    expect(onPick).not.toHaveBeenCalled();
    answers.get("四角")?.(["四角枕"]);
    await settle();
    expect(onPick).toHaveBeenCalledExactlyOnceWith("四角枕", "四角");
  });

  it("picks nothing by an Enter of an input method", async () => {
    const { input, onPick, write } = mount(find);
    write("四");
    await settle();
    press(input, "Enter", { ime: "chromium" });
    press(input, "Enter", { ime: "webkit" });
    expect(onPick).not.toHaveBeenCalled();
  });

  it("says when there is nothing, and Esc empties it", async () => {
    const { host, input, write } = mount(find);
    write("冰箱");
    await settle();
    expect(host.textContent).toContain("没有找到");
    press(input, "Escape");
    expect(input.value).toBe("");
  });
});
