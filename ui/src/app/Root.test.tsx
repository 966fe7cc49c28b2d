import { act } from "react";
import { describe, expect, it } from "vitest";
import { all, seen, start, until } from "../testing/app";
import { FakeCore } from "../testing/fake";

describe("before the shell", () => {
  it("unlocks by keyboard, says a wrong PIN, and keeps a fast PIN a PIN", async () => {
    const core = new FakeCore();
    core.staff = null;
    const keys = start(core);
    const who = await seen("unlock-staff-财务 01");
    act(() => who.click());
    keys.scan("999999");
    await until(() => document.body.textContent?.includes("PIN 不对"), "the refusal");
    expect(all("nav-today")).toHaveLength(0);
    keys.type("1234");
    keys.press("Enter");
    await seen("nav-finance");
  });

  it("takes no second try before the wait is over", async () => {
    const core = new FakeCore();
    core.staff = null;
    core.pinWait = 30;
    const keys = start(core);
    const who = await seen("unlock-staff-销售 01");
    act(() => who.click());
    keys.type("0000");
    keys.press("Enter");
    await until(() => all("unlock-go")[0]?.textContent === "请等 30 秒", "the wait");
    keys.type("1234");
    keys.press("Enter");
    expect(core.calls.filter(({ cmd }) => cmd === "unlock")).toHaveLength(1);
  });

  it("locks by key and shows nothing of what was on screen", async () => {
    const core = new FakeCore();
    const keys = start(core);
    await seen("nav-orders");
    keys.press("l", { ctrl: true });
    await seen("unlock-pin");
    expect(all("nav-orders")).toHaveLength(0);
    const who = await seen("unlock-staff-销售 02");
    act(() => who.click());
    keys.type("1234");
    keys.press("Enter");
    await seen("nav-orders");
    expect(document.body.textContent).toContain("销售 02");
  });

  it("says how to enrol", async () => {
    const core = new FakeCore();
    core.enrolled = false;
    start(core);
    expect((await seen("not-enrolled")).textContent).toContain("--enrol");
  });

  it.each([
    [{ code: "corrupt_file" as const, params: { file: "/data/ledger.db" } }, "/data/ledger.db"],
    [{ code: "disk_full" as const, params: { file: "/data/ledger.db" } }, "100 MB"],
    [{ code: "read_only" as const, params: { file: "/data" } }, "--data"],
    [{ code: "already_running" as const }, "已经打开"],
  ])("fills the window when every command refuses with $code", async (broken, wayOut) => {
    const core = new FakeCore();
    core.broken = broken;
    start(core);
    const panel = await seen("cannot-work");
    expect(panel.textContent).toContain(wayOut);
    core.broken = null;
    act(() => all("retry")[0]?.click());
    await seen("nav-today");
  });
});

describe("the shell", () => {
  it("counts what is to sync, and works offline until it is switched off", async () => {
    const core = new FakeCore();
    core.pending = 2;
    const keys = start(core);
    const chip = await seen("chip");
    expect(chip.dataset).toMatchObject({ connectivity: "online", pending: "2" });
    keys.press("j", { ctrl: true });
    const held = await seen("work-offline");
    act(() => held.click());
    await until(() => all("chip")[0]?.dataset.connectivity === "work_offline", "offline by choice");
    expect(all("chip")[0]?.textContent).toContain("手动离线");
    expect(all("outbox-row")).toHaveLength(2);
    keys.press("F7");
    await until(() => all("chip")[0]?.dataset.connectivity === "online", "online again");
  });

  it("keeps theme and language with the terminal", async () => {
    const core = new FakeCore();
    core.settings = { language: "en", theme: "dark" };
    start(core);
    await until(() => document.documentElement.dataset.theme === "dark" && document.documentElement.lang === "en", "adopted");
    const button = await until(() => [...document.querySelectorAll("button")].find((one) => one.textContent === "中文"), "the switch");
    act(() => button.click());
    await until(() => core.settings.language === "zh-CN", "kept by the core");
  });

  it("tops up a deposit by QR", async () => {
    const core = new FakeCore();
    const keys = start(core);
    const nav = await seen("nav-deposits");
    act(() => nav.click());
    await seen("distributor-box");
    keys.type("cdjl");
    keys.press("Enter");
    expect((await seen("deposit-balance")).dataset.fen).toBe("800000");
    const amount = (await seen("topup-amount")) as HTMLInputElement;
    act(() => amount.focus());
    keys.type("500");
    keys.press("Enter");
    expect((await seen("pay-amount")).dataset.fen).toBe("50000");
  });
});
