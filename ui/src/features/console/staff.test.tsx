import { act } from "react";
import { describe, expect, it } from "vitest";
import type { Input } from "../../api/client";
import { all, type Keyboard, seen, start, until } from "../../testing/app";
import { FakeCore } from "../../testing/fake";

async function open(core: FakeCore, section: string): Promise<Keyboard> {
  core.staff = "s5";
  const keys = start(core);
  (await seen("nav-console")).focus();
  keys.press("Enter");
  await seen("menu-path");
  act(() => all(`console-${section}`)[0]?.click());
  return keys;
}

const click = async (id: string): Promise<void> => {
  const one = await seen(id);
  act(() => one.click());
};
const into = async (keys: Keyboard, id: string, text: string): Promise<void> => {
  const field = await seen(id);
  act(() => field.focus());
  keys.type(text);
};
const sent = (core: FakeCore) => core.calls.findLast(({ cmd }) => cmd === "staff_change")?.input as Input<"staff_change"> | undefined;

describe("staff in the administrator's console", () => {
  it("lists everybody, adds somebody with a PIN by keyboard, and tells the history", async () => {
    const core = new FakeCore();
    const keys = await open(core, "staff");
    await until(() => all("staff-row").length === 5, "five people");
    await click("staff-add");
    await into(keys, "staff-name", "赵新");
    await into(keys, "staff-pin", "482913");
    keys.press("Enter");
    await until(() => all("staff-row").length === 6, "six people");
    expect(sent(core)).toEqual({ staff: null, on: null, terms: { name: "赵新", role: "sales", department: null, active: true }, pin: "482913" });
    act(() => all("console-history")[0]?.click());
    await until(() => all("staff-version").length === 1, "one change");
    expect(all("staff-version")[0]?.textContent).toContain("赵新 · 销售");
  });

  it("names who came with a file and has no PIN yet", async () => {
    const core = new FakeCore();
    const [one] = core.members;
    if (one !== undefined) one.has_pin = false;
    await open(core, "staff");
    await until(() => all("staff-row").filter((row) => row.textContent?.includes("未设 PIN")).length === 1, "one without a PIN");
  });

  it("shows both versions to the second of two administrators, who chooses", async () => {
    const core = new FakeCore();
    const terms = { name: "销售 01", role: "finance_lead" as const, department: null, active: true };
    core.ownStaff = [{ op: "o1", staff: "s1", terms, refused: { code: "conflict", params: { held: 1 } } }];
    await open(core, "staff");
    expect((await seen("staff-theirs")).textContent).toContain("销售 01");
    await click("staff-take-mine");
    await until(() => all("staff-mine").length === 0, "decided");
    expect(sent(core)).toEqual({ staff: "s1", on: 1, terms, pin: null });
  });

  it("saves departments and the lease as a version of the configuration", async () => {
    const core = new FakeCore();
    const keys = await open(core, "departments");
    await click("department-add");
    await until(() => all("department-name").length === 2, "two departments");
    act(() => all("department-name")[1]?.focus());
    keys.type("华南");
    act(() => all("console-policies")[0]?.click());
    // Behind the 72 that stand there.
    await into(keys, "lease-hours", "0");
    keys.press("F12");
    await until(() => all("config-date")[0]?.dataset.version === "2", "version 2");
    expect(core.config.config.departments.map(({ name }) => name)).toEqual(["华东", "华南"]);
    expect(core.config.config.lease_hours).toBe(720);
  });
});
