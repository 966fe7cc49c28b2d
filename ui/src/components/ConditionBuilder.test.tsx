import { act, useState } from "react";
import { describe, expect, it } from "vitest";
import type { Conditions } from "../api/generated";
import { render } from "../testing/render";
import { ConditionBuilder, type ConditionField, isComplete } from "./ConditionBuilder";

const FIELDS: readonly ConditionField[] = [
  { name: "name", label: "名称", type: "text", operators: ["EQ", "N", "IN", "NIN", "LIKE", "IS", "ISN"] },
  { name: "state", label: "状态", type: "choice", operators: ["EQ", "N", "IN", "NIN", "IS", "ISN"], options: [{ value: "paid", label: "已付" }, { value: "unpaid", label: "未付" }] },
  { name: "total_fen", label: "应收", type: "money", operators: ["EQ", "N", "GT", "GTE", "LT", "LTE", "IN", "NIN", "BETWEEN", "IS", "ISN"] },
  { name: "on", label: "日期", type: "date", operators: ["EQ", "GT", "BETWEEN"] },
  { name: "at", label: "时间", type: "timestamp", operators: ["GT"] },
  { name: "frozen", label: "冻结", type: "boolean", operators: ["EQ", "N", "IS", "ISN"] },
];

let held: Conditions = [];

function builder(from: Conditions = []): HTMLElement {
  held = from;
  function Host() {
    const [value, setValue] = useState(from);
    return (
      <ConditionBuilder
        fields={FIELDS}
        value={value}
        onChange={(next) => {
          held = next;
          setValue(next);
        }}
      />
    );
  }
  return render(<Host />);
}

function set(element: Element | null | undefined, value: string): void {
  if (!(element instanceof HTMLSelectElement || element instanceof HTMLInputElement)) throw new Error(`nothing to set to ${value}`);
  const proto = element instanceof HTMLSelectElement ? HTMLSelectElement.prototype : HTMLInputElement.prototype;
  act(() => {
    Object.getOwnPropertyDescriptor(proto, "value")?.set?.call(element, value);
    element.dispatchEvent(new Event(element instanceof HTMLSelectElement ? "change" : "input", { bubbles: true }));
  });
}

const click = (element: Element | null | undefined): void => act(() => (element as HTMLElement).click());
const labelled = (host: HTMLElement, label: string): Element[] => [...host.querySelectorAll(`[aria-label="${label}"]`)];
const texted = (host: HTMLElement, text: string): Element | undefined => [...host.querySelectorAll("button")].find((one) => one.textContent?.includes(text));

describe("the condition builder", () => {
  it("joins conditions by and, groups by or, and moves the focus to what was added", () => {
    const host = builder();
    click(texted(host, "加条件"));
    expect(document.activeElement).toBe(labelled(host, "字段")[0]);
    set(labelled(host, "值")[0], "华东");
    click(texted(host, "加条件"));
    expect(document.activeElement).toBe(labelled(host, "字段")[1]);
    set(labelled(host, "字段")[1], "state");
    set(labelled(host, "值")[1], "paid");
    click(texted(host, "加一组"));
    set(labelled(host, "字段")[2], "frozen");
    set(labelled(host, "值")[2], "true");
    expect(held).toEqual([
      [
        { field_name: "name", operator: "LIKE", field_values: ["华东"] },
        { field_name: "state", operator: "EQ", field_values: ["paid"] },
      ],
      [{ field_name: "frozen", operator: "EQ", field_values: ["true"] }],
    ]);
    expect(host.textContent).toContain("或");
  });

  it("keeps money in fen and time in milliseconds, however they are typed", () => {
    const host = builder([[{ field_name: "total_fen", operator: "BETWEEN", field_values: ["", ""] }]]);
    set(labelled(host, "从")[0], "１，２００。5");
    set(labelled(host, "到")[0], "many");
    expect(held[0]?.[0]?.field_values).toEqual(["120050", ""]);
    expect(labelled(host, "到")[0]?.getAttribute("aria-invalid")).toBe("true");
    expect(isComplete(held)).toBe(false);
    set(labelled(host, "到")[0], "1300");
    expect(isComplete(held)).toBe(true);
    set(labelled(host, "字段")[0], "at");
    set(labelled(host, "值")[0], "2026-11-22T10:41");
    expect(held[0]?.[0]?.field_values).toEqual(["1795315260000"]);
    expect((labelled(host, "值")[0] as HTMLInputElement).value).toBe("2026-11-22T10:41");
  });

  it("offers only what goes with a field, with as many values as the comparison takes", () => {
    const host = builder([[{ field_name: "on", operator: "GT", field_values: ["2026-11-22"] }]]);
    const offered = [...(labelled(host, "比较")[0] as HTMLSelectElement).options].map((one) => one.value);
    expect(offered).toEqual(["EQ", "GT", "BETWEEN"]);
    expect(host.textContent).toContain("晚于");
    set(labelled(host, "比较")[0], "BETWEEN");
    expect(held[0]?.[0]?.field_values).toEqual(["2026-11-22", ""]);
    set(labelled(host, "字段")[0], "state");
    set(labelled(host, "比较")[0], "IN");
    click(labelled(host, "加一个值")[0]);
    expect(held[0]?.[0]?.field_values).toEqual(["", ""]);
    click(labelled(host, "删除这个值")[0]);
    set(labelled(host, "比较")[0], "ISN");
    expect(held[0]?.[0]).toEqual({ field_name: "state", operator: "ISN", field_values: [] });
    expect(isComplete(held)).toBe(true);
  });

  it("shows what it does not know instead of losing it, and removes an emptied group", () => {
    const host = builder([[{ field_name: "gone", operator: "UNKNOWN", field_values: ["x"] }], [{ field_name: "name", operator: "EQ", field_values: ["a"] }]]);
    expect((labelled(host, "字段")[0] as HTMLSelectElement).value).toBe("gone");
    click(labelled(host, "删除条件：gone")[0]);
    expect(held).toEqual([[{ field_name: "name", operator: "EQ", field_values: ["a"] }]]);
    expect(document.activeElement?.hasAttribute("data-add-group")).toBe(true);
  });
});
