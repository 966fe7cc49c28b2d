import { act } from "react";
import { describe, expect, it } from "vitest";
import type { Input } from "../../api/client";
import { all, type Keyboard, seen, start, until } from "../../testing/app";
import { FakeCore } from "../../testing/fake";

async function open(core: FakeCore, staff: string, nav: string, tab: string): Promise<Keyboard> {
  core.staff = staff;
  const keys = start(core);
  (await seen(`nav-${nav}`)).focus();
  keys.press("Enter");
  const one = await seen(tab);
  act(() => one.click());
  return keys;
}

const into = async (keys: Keyboard, id: string, text: string): Promise<void> => {
  const field = await seen(id);
  act(() => field.focus());
  keys.type(text);
};
const sent = <C extends "terminal_code" | "terminal_revoke" | "review_release" | "review_reject">(core: FakeCore, command: C) =>
  core.calls.findLast(({ cmd }) => cmd === command)?.input as Input<C> | undefined;

describe("terminals in the administrator's console", () => {
  it("lists them as they last said and shows a new one's code once, by keyboard", async () => {
    const core = new FakeCore();
    const keys = await open(core, "s5", "console", "console-terminals");
    await until(() => all("terminal-row").length === 3, "three terminals");
    expect(all("terminal-row")[1]?.textContent).toContain("第 2 代 · T02A");
    keys.press("F4");
    await into(keys, "terminal-code", "t09");
    keys.press("Enter");
    expect((await seen("issued-code")).textContent).toBe("7K3M9QXA");
    expect(sent(core, "terminal_code")).toEqual({ terminal_code: "T09" });
    keys.press("Enter");
    await until(() => all("issued-code").length === 0, "the code is gone");
    await until(() => all("terminal-row").length === 4, "the awaited one");
    expect(all("terminal-change")[0]?.textContent).toContain("生成注册码");
  });

  it("says before it revokes what was not synced, asks why, and tells it in the history", async () => {
    const core = new FakeCore();
    const keys = await open(core, "s5", "console", "console-terminals");
    await until(() => all("terminal-row").length === 3, "three terminals");
    act(() => all("terminal-row")[1]?.click());
    keys.press("Ctrl+Delete");
    expect((await seen("revoke-unsynced")).textContent).toContain("3 项操作没有同步");
    await into(keys, "terminal-revoke-reason", "电脑丢失");
    keys.press("Enter");
    await until(() => all("terminal-row")[1]?.dataset.state === "revoked", "revoked");
    expect(sent(core, "terminal_revoke")).toEqual({ terminal_code: "T02", reason: "电脑丢失" });
    expect(all("terminal-change")[0]?.textContent).toContain("电脑丢失");
  });
});

describe("work under review on finance's desk", () => {
  it("reads what an operation says and releases it before what builds on it", async () => {
    const core = new FakeCore();
    const keys = await open(core, "s3", "finance", "desk-review");
    await until(() => all("review-row").length === 3, "three operations");
    act(() => all("review-row")[1]?.click());
    await until(() => all("review-release")[0]?.hasAttribute("disabled") === true, "builds on another");
    act(() => all("review-row")[0]?.click());
    await until(() => all("review-line").length === 2, "two lines");
    keys.press("F12");
    await until(() => all("review-row").length === 2, "one is decided");
    expect(sent(core, "review_release")).toEqual({ op: "review0" });
    expect(all("review-row")[0]?.dataset.buildsOn).toBe("false");
  });

  it("rejects with a reason, and nobody decides on their own work", async () => {
    const core = new FakeCore();
    for (const one of core.work) one.staff = one.kind === "collection_record" ? "s3" : one.staff;
    const keys = await open(core, "s3", "finance", "desk-review");
    await until(() => all("review-row").length === 3, "three operations");
    act(() => all("review-row")[2]?.click());
    await until(() => all("review-release").length === 0, "not one's own");
    act(() => all("review-row")[1]?.click());
    await seen("review-reject");
    keys.press("Ctrl+Delete");
    await into(keys, "review-reject-reason", "重复");
    keys.press("Enter");
    await until(() => all("review-row").length === 2, "one is decided");
    expect(sent(core, "review_reject")).toEqual({ op: "review1", reason: "重复" });
  });
});
