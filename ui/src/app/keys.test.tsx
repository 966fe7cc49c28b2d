import { useState } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Dialog } from "../components/Dialog";
import { MoneyField } from "../components/MoneyField";
import { TextField } from "../components/TextField";
import { press, render } from "../testing/render";
import { ACTIONS, activeActions, type Handlers, installKeys, KEYS, onEnter, runAction, useKeys } from "./keys";
import { messages } from "./messages";

let uninstall: () => void;
beforeEach(() => {
  uninstall = installKeys(window);
});
afterEach(() => uninstall());

function Screen({ handlers, level }: { handlers: Handlers; level?: "base" | "screen" | "modal" }) {
  useKeys(handlers, level);
  return null;
}

describe("the key map", () => {
  it("gives no chord two meanings in one scope, nor one that also works everywhere", () => {
    const taken = new Map<string, string>();
    for (const action of ACTIONS) {
      const { chord, scope } = KEYS[action];
      expect(taken.get(`${scope} ${chord}`), `${action} on ${chord}`).toBeUndefined();
      if (scope !== "everywhere") expect(taken.get(`everywhere ${chord}`), `${action} on ${chord}`).toBeUndefined();
      taken.set(`${scope} ${chord}`, action);
    }
  });

  it("has no single-letter shortcuts (WCAG 2.1.4)", () => {
    for (const action of ACTIONS) expect(KEYS[action].chord.length).toBeGreaterThan(1);
  });

  it("names every action in both languages, for the sheet", () => {
    for (const action of ACTIONS) {
      expect(messages["zh-CN"].actions[action]).not.toBe("");
      expect(messages.en.actions[action]).not.toBe("");
    }
  });

  it.each(ACTIONS)("runs %s by its chord", (action) => {
    const run = vi.fn<() => void>();
    render(<Screen handlers={{ [action]: run }} />);
    const keys = KEYS[action].chord.split("+");
    const key = keys.at(-1) ?? "";
    const event = press(window, key.length === 1 ? key.toLowerCase() : key, {
      ctrl: keys.includes("Ctrl"),
      shift: keys.includes("Shift"),
    });
    expect(run).toHaveBeenCalledOnce();
    expect(event.defaultPrevented).toBe(true);
  });
});

describe("layers", () => {
  it("the screen goes before the shell, and gives way when it leaves", () => {
    const [shell, screen] = [vi.fn<() => void>(), vi.fn<() => void>()];
    function Frame() {
      const [shown, setShown] = useState(true);
      useKeys({ sync: shell, help: () => setShown(false) }, "base");
      return shown ? <Screen handlers={{ sync: screen }} /> : null;
    }
    render(<Frame />);
    press(window, "j", { ctrl: true });
    press(window, "F1");
    press(window, "j", { ctrl: true });
    expect(screen).toHaveBeenCalledOnce();
    expect(shell).toHaveBeenCalledOnce();
  });

  it("a dialog switches the screen's keys off, but not lock", () => {
    const [collect, lock, close] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()];
    render(
      <>
        <Screen handlers={{ lock }} level="base" />
        <Screen handlers={{ collect }} />
        <Dialog title="?" onClose={close}>
          text
        </Dialog>
      </>,
    );
    press(window, "F9");
    press(window, "l", { ctrl: true });
    expect(collect).not.toHaveBeenCalled();
    expect(lock).toHaveBeenCalledOnce();
    expect(activeActions()).toEqual(["lock"]);
  });

  it("offers only what has a handler now", () => {
    render(<Screen handlers={{ collect: vi.fn<() => void>(), confirm: false, undo: undefined }} />);
    expect(activeActions()).toEqual(["collect"]);
    expect(runAction("confirm")).toBe(false);
  });
});

describe("what the browser may not do", () => {
  it.each([
    ["F5", false], ["F7", false], ["F3", false], ["F12", false],
    ["r", true], ["f", true], ["p", true], ["d", true], ["+", true], ["-", true], ["0", true],
  ])("%s (ctrl: %s) is neutralised with nobody handling it", (key, ctrl) => {
    expect(press(window, key, { ctrl }).defaultPrevented).toBe(true);
  });

  it("Ctrl+wheel doesn't zoom, the wheel alone still scrolls", () => {
    const zoom = new WheelEvent("wheel", { cancelable: true, bubbles: true });
    Object.defineProperty(zoom, "ctrlKey", { value: true });
    window.dispatchEvent(zoom);
    const scroll = new WheelEvent("wheel", { cancelable: true, bubbles: true });
    window.dispatchEvent(scroll);
    expect([zoom.defaultPrevented, scroll.defaultPrevented]).toEqual([true, false]);
  });

  it("Backspace goes back nowhere, but still deletes in a field", () => {
    const host = render(<input aria-label="x" />);
    const input = host.querySelector("input") as HTMLInputElement;
    expect(press(input, "Backspace").defaultPrevented).toBe(false);
    expect(press(document.body, "Backspace").defaultPrevented).toBe(true);
  });
});

describe("an Enter that commits a Chinese candidate", () => {
  const forms = {
    "text field": (go: () => void) => <TextField label="名称" value="zhang" onChange={() => undefined} onEnter={go} />,
    "money field": (go: () => void) => <MoneyField label="金额" value="100" onChange={() => undefined} onEnter={go} />,
    dialog: (go: () => void) => (
      <Dialog title="?" onClose={() => undefined} onConfirm={go}>
        <TextField label="名称" value="zhang" onChange={() => undefined} />
      </Dialog>
    ),
    "bare handler": (go: () => void) => <input aria-label="x" onKeyDown={onEnter(go)} />,
  };

  describe.each(Object.entries(forms))("in a %s", (_, form) => {
    it("submits nothing in the order of either engine, and the next Enter submits once", () => {
      const go = vi.fn();
      render(form(go));
      const input = document.querySelector("input") as HTMLInputElement;

      // Chromium: keydown while composing, then compositionend.
      input.dispatchEvent(new Event("compositionstart", { bubbles: true }));
      const chromium = press(input, "Enter", { ime: "chromium" });
      input.dispatchEvent(new Event("compositionend", { bubbles: true }));
      expect(go).not.toHaveBeenCalled();
      expect(chromium.defaultPrevented).toBe(false);

      // WebKit: compositionend, then a keydown that only its 229 gives away.
      input.dispatchEvent(new Event("compositionstart", { bubbles: true }));
      input.dispatchEvent(new Event("compositionend", { bubbles: true }));
      press(input, "Enter", { ime: "webkit" });
      expect(go).not.toHaveBeenCalled();

      press(input, "Enter");
      expect(go).toHaveBeenCalledOnce();
    });
  });

  it("runs no global action either", () => {
    const back = vi.fn();
    render(<Screen handlers={{ back }} />);
    press(window, "Escape", { ime: "webkit" });
    press(window, "Escape", { ime: "chromium" });
    expect(back).not.toHaveBeenCalled();
  });
});
