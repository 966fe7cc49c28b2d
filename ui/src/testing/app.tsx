/// The whole staff window over a core in memory, driven by keys.
import { QueryClientProvider } from "@tanstack/react-query";
import { act } from "react";
import { onTestFinished } from "vitest";
import { createQueryClient, followChanges } from "../api/client";
import { installKeys } from "../app/keys";
import { Root } from "../app/Root";
import { resetRoute } from "../app/router";
import { installScanner, setFieldValue, textField } from "../app/scanner";
import { clearToasts } from "../components/toast";
import { platform } from "../platform";
import type { FakeCore } from "./fake";
import type { Step } from "./pages";
import { press, render, typeChar } from "./render";
import { scene } from "./scene";

const tick = (): Promise<void> =>
  act(async () => {
    await new Promise((resolve) => setTimeout(resolve));
  });

const TRIES = 300;

/** Waits until it is so; says what never came. */
export async function until<T>(get: () => T | null | undefined | false, what: string): Promise<T> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const got = get();
    if (got !== null && got !== undefined && got !== false) return got;
    await tick();
  }
  throw new Error(`never came: ${what}; on screen: ${document.body.textContent}`);
}

export const all = (id: string): HTMLElement[] => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
export const seen = (id: string): Promise<HTMLElement> => until(() => all(id)[0], id);

/** Clicks what has this test id, once it is there. */
export async function click(id: string): Promise<void> {
  const one = await seen(id);
  act(() => {
    // As a person does, who can't click without the focus going there.
    one.focus();
    one.click();
  });
}

/** Puts text into the field with this test id, once it is there, as if pasted. */
export async function fill(id: string, text: string): Promise<void> {
  const field = (await seen(id)) as HTMLInputElement | HTMLTextAreaElement;
  act(() => setFieldValue(field, text, text.length));
}

/** More than a scanner's pace between two keys. */
const HUMAN_MS = 80;
const SCANNER_MS = 5;

export class Keyboard {
  #at = 1_000;
  strokes = 0;

  get here(): Element {
    return document.activeElement ?? document.body;
  }

  /** One chord, where the focus is. */
  press(key: string, modifiers: { ctrl?: boolean; shift?: boolean; ime?: "chromium" | "webkit" } = {}): void {
    this.#at += HUMAN_MS;
    this.strokes += 1;
    const target = this.here;
    const event = press(target, key, { at: this.#at, ...modifiers });
    // What a browser does with Enter on a button, and this DOM leaves out.
    if (key === "Enter" && !event.defaultPrevented && target instanceof HTMLButtonElement) act(() => target.click());
  }

  /** A chord as the key map writes it. */
  chord(chord: string): void {
    const parts = chord.split("+");
    const key = parts.at(-1) ?? "";
    this.press(key === "Space" ? " " : key.length === 1 ? key.toLowerCase() : key, { ctrl: parts.includes("Ctrl"), shift: parts.includes("Shift") });
  }

  /** What leads to a page, see `pages.ts`. */
  async follow(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      if ("click" in step) await click(step.click);
      else if ("press" in step) this.chord(step.press);
      else this.type(step.type);
      await tick();
      await tick();
    }
  }

  /** Plain typing. */
  type(text: string): void {
    for (const char of text) {
      this.#at += HUMAN_MS;
      this.strokes += 1;
      this.#char(char);
    }
  }

  #char(char: string): void {
    const field = textField(this.here);
    if (field === null) press(this.here, char, { at: this.#at });
    else typeChar(field, char, this.#at);
  }

  /** A hand scanner: a burst and Enter. */
  scan(code: string): void {
    this.#at += HUMAN_MS;
    this.strokes += 1;
    for (const char of code) {
      this.#at += SCANNER_MS;
      this.#char(char);
    }
    press(this.here, "Enter", { at: this.#at + SCANNER_MS });
  }
}

export function start(core: FakeCore): Keyboard {
  const before = { ...platform };
  Object.assign(platform, core.platform);
  resetRoute();
  clearToasts();
  const client = createQueryClient();
  const stops = [installScanner(window), installKeys(window), followChanges(client)];
  onTestFinished(() => {
    for (const stop of stops) stop();
    client.clear();
    Object.assign(platform, before);
  });
  render(
    <QueryClientProvider client={client}>
      <Root />
    </QueryClientProvider>,
  );
  return new Keyboard();
}

/** The window at a page of `pages.ts`, all of its answers there. */
export async function visit(query: string): Promise<{ core: FakeCore; keys: Keyboard }> {
  const { core, go } = scene(new URLSearchParams(query));
  const keys = start(core);
  act(go);
  await quiet(core);
  return { core, keys };
}

/** Waits until the window asks the core for nothing more. */
export async function quiet(core: FakeCore): Promise<void> {
  for (let calls = -1; calls !== core.calls.length; ) {
    calls = core.calls.length;
    for (let ticks = 0; ticks < 3; ticks += 1) await tick();
  }
}
