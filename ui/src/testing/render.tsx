/// Mounts, presses, types: as much of a browser as these tests need, with the key order of both
/// engines spelled out.
import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach } from "vitest";
import { setFieldValue } from "../app/scanner";

const mounted: { root: Root; host: HTMLElement }[] = [];

afterEach(() => {
  for (const { root, host } of mounted.splice(0)) {
    act(() => root.unmount());
    host.remove();
  }
});

export function render(node: ReactNode): HTMLElement {
  const host = document.createElement("div");
  document.body.append(host);
  const root = createRoot(host);
  mounted.push({ root, host });
  act(() => root.render(node));
  return host;
}

interface Press {
  at?: number;
  ctrl?: boolean;
  shift?: boolean;
  ime?: "chromium" | "webkit";
}

/** A keydown on an element; returns the event, to see what became of it. */
export function press(target: EventTarget, key: string, { at, ctrl, shift, ime }: Press = {}): KeyboardEvent {
  const event = new KeyboardEvent("keydown", {
    key,
    code: /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : "",
    bubbles: true,
    cancelable: true,
    ctrlKey: ctrl ?? false,
    shiftKey: shift ?? false,
    isComposing: ime === "chromium",
  });
  Object.defineProperty(event, "keyCode", { value: ime === undefined ? 0 : 229 });
  if (at !== undefined) Object.defineProperty(event, "timeStamp", { value: at });
  act(() => {
    target.dispatchEvent(event);
  });
  return event;
}

/** The default action that the test DOM leaves out: a character arriving in a field. */
export function typeChar(field: HTMLInputElement | HTMLTextAreaElement, key: string, at: number): void {
  const event = press(field, key, { at });
  if (event.defaultPrevented) return;
  act(() => setFieldValue(field, field.value + key, field.value.length + 1));
}

export async function settle(): Promise<void> {
  await act(async () => {
    await Promise.resolve();
  });
}
