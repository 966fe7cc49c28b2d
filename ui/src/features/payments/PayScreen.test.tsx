import { act } from "react";
import { describe, expect, it, vi } from "vitest";
import { navigate } from "../../app/router";
import type { IntentOutcome, IntentState } from "../../api/generated";
import { all, seen, start, until } from "../../testing/app";
import { busyCore, type FakeCore } from "../../testing/fake";
import { messages } from "./messages";
import { scannable, situation } from "./state";

/** A pay sheet for one order. */
async function sheet(prepare: (core: FakeCore, intent: string) => unknown = () => undefined, online = true) {
  const core = busyCore(8);
  core.online = online;
  const { intent } = core.answers.pay_orders({ orders: ["sample3"], amount_fen: null }).intent;
  prepare(core, intent.id);
  const keys = start(core);
  await seen("nav-today");
  act(() => navigate("pay", { intent: intent.id }));
  const state = await seen("pay-state");
  return { core, keys, id: intent.id, state };
}

const change = (core: FakeCore, id: string, to: object): void => {
  const view = core.intents.get(id);
  if (view !== undefined) Object.assign(view.intent.intent, to);
};

describe("what the sheet says", () => {
  const STATES: readonly IntentState[] = ["created", "presented", "paying", "expired", "closed", "paid"];
  const OUTCOMES: readonly IntentOutcome[] = ["exact", "partial", "over", "late", "duplicate"];

  it("has words in both languages for every state, mark and outcome, and calls money only what is paid", () => {
    const core = busyCore(8);
    const view = core.answers.pay_orders({ orders: ["sample3"], amount_fen: null });
    for (const state of STATES) {
      for (const outcome of OUTCOMES) {
        for (const flags of Array.from({ length: 32 }, (_, at) => at)) {
          const intent = {
            ...view.intent.intent,
            state,
            outcome: state === "paid" ? outcome : null,
            unknown: (flags & 1) !== 0,
            proved_offline: (flags & 2) !== 0,
          };
          const now = situation(
            { ...view, online: (flags & 4) === 0, intent: { ...view.intent, intent, closing: (flags & 8) !== 0 } },
            (flags & 16) === 0 ? 60_000 : 0,
          );
          expect(messages["zh-CN"].says[now.key]).toBeTruthy();
          expect(messages.en.says[now.key]).toBeTruthy();
          expect(now.paid).toBe(state === "paid");
          expect(now.tone === "ok").toBe(state === "paid" && outcome === "exact");
          if (scannable(now)) expect(now.live).toBe(true);
          // Unknown is never failed: it stays live until the backend says otherwise.
          if (intent.unknown && ["created", "presented", "paying"].includes(state)) expect(now.key).toBe("unknown");
        }
      }
    }
  });

  it("says offline while waiting offline, and takes the payer's receipt code", async () => {
    const { state, keys } = await sheet(undefined, false);
    expect(state.textContent).toContain("等待付款（离线）…");
    expect(state.dataset.state).toBe("created");
    const field = (await seen("pay-proof")) as HTMLInputElement;
    act(() => field.focus());
    keys.type("7k3qx2mx");
    keys.press("Enter");
    await until(() => document.body.textContent?.includes("还可以试 4 次"), "the refusal in words");
    keys.scan("7K3QX2MP");
    await until(() => all("pay-state")[0]?.dataset.says === "proved_offline", "proved");
    expect(all("pay-state")[0]?.dataset.state).toBe("created");
  });

  it("turns green by itself, stays until somebody goes on, and then begins anew", async () => {
    const { core, keys, id } = await sheet();
    act(() => core.settle(id));
    const paid = await until(() => all("pay-state").find((one) => one.dataset.state === "paid"), "paid");
    expect(paid.dataset.outcome).toBe("exact");
    expect(paid.textContent).toContain("✓");
    expect(paid.textContent).toContain("4200002874202611227781");
    expect(all("pay-qr")).toHaveLength(0);
    keys.press("F12");
    await seen("entry-box");
  });

  it("keeps other outcomes apart from a plain success", async () => {
    const { core, id } = await sheet();
    act(() => core.settle(id, "late"));
    const paid = await until(() => all("pay-state").find((one) => one.dataset.outcome === "late"), "late");
    expect(paid.textContent).toContain("财务");
  });

  it("offers no second collection while the outcome is unknown", async () => {
    const { keys } = await sheet((core, id) => change(core, id, { unknown: true, state: "paying" }));
    expect(all("pay-close")).toHaveLength(0);
    expect(all("pay-qr")).toHaveLength(0);
    keys.press("F10");
    expect(document.querySelector("[role=dialog]")).toBeNull();
  });

  it("is given up by key, after a question, and can be shown anew", async () => {
    const { core, keys } = await sheet();
    keys.press("Delete", { ctrl: true });
    await until(() => document.activeElement?.getAttribute("data-testid") === "pay-close-go", "focus on the main button");
    keys.press("Enter");
    await until(() => all("pay-state")[0]?.dataset.state === "closed", "closed");
    expect(all("pay-qr")).toHaveLength(0);
    keys.press("F6");
    await until(() => all("pay-state")[0]?.dataset.state === "presented", "a new QR");
    expect(core.intents.size).toBe(2);
  });

  it("draws the QR at whole pixels, five for staff and eight in full screen", async () => {
    const { keys } = await sheet(undefined, false);
    const side = (): number => Number(all("pay-qr")[0]?.getAttribute("width"));
    expect(side() % 61).toBe(0);
    expect(side() / 61).toBeGreaterThanOrEqual(5);
    keys.press("F8");
    await until(() => document.querySelector("[role=dialog]"), "full screen");
    expect(all("pay-qr")).toHaveLength(1);
    expect(side() % 61).toBe(0);
    expect(side() / 61).toBeGreaterThanOrEqual(8);
    keys.press("F8");
    await until(() => document.querySelector("[role=dialog]") === null, "back");
  });

  it("shows itself on the customer window and blanks it when it is left", async () => {
    const { core } = await sheet();
    await until(() => core.calls.some(({ cmd }) => cmd === "display_show"), "shown");
    act(() => navigate("orders", {}));
    await until(() => core.calls.at(-1)?.cmd === "display_clear" || core.calls.some(({ cmd }) => cmd === "display_clear"), "blanked");
  });

  it("opens the sandbox's phone only where there is one", async () => {
    const plain = await sheet();
    expect(all("pay-open-phone")).toHaveLength(0);
    const view = plain.core.intents.get(plain.id);
    if (view !== undefined) view.phone_link = "http://127.0.0.1/phone";
    act(() => plain.core.poke("intents"));
    const button = await seen("pay-open-phone");
    act(() => button.click());
    await until(() => plain.core.calls.some(({ cmd }) => cmd === "open_phone"), "opened");
  });
});

describe("a channel's own code", () => {
  const label = (): string | null | undefined => all("pay-mode-wechat_pay")[0]?.closest("label")?.textContent;
  const shows = (core: FakeCore): unknown[] => core.calls.filter(({ cmd }) => cmd === "display_show").map(({ input }) => input);

  it("is an equal to the one QR while online, here and on the customer window", async () => {
    const { core, id } = await sheet();
    expect(all("pay-check-code")).toHaveLength(1);
    const one = await seen("pay-qr");
    expect(one.getAttribute("viewBox")).toBe("0 0 41 41");
    expect(label()).toContain("微信支付");
    const choose = async (mode: string, modules: number): Promise<void> => {
      const radio = await seen(`pay-mode-${mode}`);
      act(() => radio.click());
      await until(() => all("pay-qr")[0]?.getAttribute("viewBox") === `0 0 ${modules} ${modules}`, mode);
    };
    await choose("wechat_pay", 37);
    // Nobody has scanned it yet, whatever the channel's order makes of the intent's state.
    act(() => core.poke("intents"));
    await until(() => all("pay-state")[0]?.textContent?.includes("等待用微信支付扫码付款"), "waiting for a scan");
    expect(all("pay-check-code")).toHaveLength(0);
    await choose("alipay", 33);
    await choose("one", 41);
    await until(() => shows(core).length >= 4, "each on the customer window");
    expect(shows(core)).toEqual([null, "wechat_pay", "alipay", null].map((channel) => ({ intent: id, channel })));
    // Chosen again, it is asked for again.
    await choose("wechat_pay", 37);
    expect(core.calls.filter(({ cmd }) => cmd === "pay_code")).toHaveLength(3);
  });

  const codesFirst = (core: FakeCore, id: string): unknown => Object.assign(core.intents.get(id) ?? {}, { qr_mode: "channel_code" });

  it("comes first where the company has it so", async () => {
    const { core } = await sheet(codesFirst);
    await until(() => all("pay-qr")[0]?.getAttribute("viewBox") === "0 0 37 37", "the first channel's");
    expect(core.calls.filter(({ cmd }) => cmd === "pay_code")).toHaveLength(1);
  });

  it("is not offered offline, whatever the company has", async () => {
    const { core } = await sheet(codesFirst, false);
    expect(all("pay-mode-one")).toHaveLength(0);
    expect(all("pay-qr")).toHaveLength(1);
    expect(core.calls.some(({ cmd }) => cmd === "pay_code")).toBe(false);
  });

  it("that a channel does not give is said, asked for again, and never in the way of the one QR", async () => {
    const { core } = await sheet();
    const answers = core.answers;
    const given = answers.pay_code;
    answers.pay_code = () => ({ answer: "refused" });
    const radio = await seen("pay-mode-alipay");
    act(() => radio.click());
    const says = await until(() => all("pay-code-says").find((one) => one.dataset.answer === "refused"), "refused");
    expect(says.textContent).toContain("支付宝没有给码");
    expect(all("pay-qr")).toHaveLength(0);
    answers.pay_code = () => {
      throw Object.assign(new Error("unreachable"), { code: "unreachable" });
    };
    const again = await seen("pay-code-again");
    act(() => again.click());
    await until(() => all("pay-code-says").find((one) => one.dataset.answer !== "refused"), "another reason");
    answers.pay_code = () => ({ answer: "wait" });
    const once = await seen("pay-code-again");
    act(() => once.click());
    await until(() => all("pay-code-says").find((one) => one.dataset.answer === "wait"), "waits");
    // It asks again by itself.
    answers.pay_code = given;
    await vi.waitFor(() => expect(all("pay-qr")[0]?.getAttribute("viewBox")).toBe("0 0 33 33"), { timeout: 20_000 });
    const one = await seen("pay-mode-one");
    act(() => one.click());
    await until(() => all("pay-qr")[0]?.getAttribute("viewBox") === "0 0 41 41", "the one QR");
  });
});
