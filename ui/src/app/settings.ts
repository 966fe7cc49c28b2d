/// How this terminal looks: theme, language, density. The core keeps theme and language; the window's
/// own storage is only what the first paint is made from, before the core has answered.
import { call } from "../api/client";
import type { Settings as CoreSettings } from "../api/generated";
import { isLang, type Lang, setLang } from "../i18n";
import { createStore, useStore } from "./store";

export type Theme = "light" | "dark";
export type Density = "compact" | "normal" | "roomy";

export interface Settings {
  theme: Theme;
  lang: Lang;
  density: Density;
}

const KEY = "fieldtill.settings";
const DEFAULTS: Settings = { theme: "light", lang: "zh-CN", density: "normal" };

/** Reads what was stored, field by field: anything unknown falls back to its default. */
export function readSettings(stored: string | null): Settings {
  let raw: Partial<Record<keyof Settings, unknown>> = {};
  try {
    const parsed: unknown = JSON.parse(stored ?? "{}");
    if (typeof parsed === "object" && parsed !== null) raw = parsed;
  } catch {
    return DEFAULTS;
  }
  return {
    theme: raw.theme === "dark" ? "dark" : "light",
    lang: isLang(raw.lang) ? raw.lang : DEFAULTS.lang,
    density: raw.density === "compact" || raw.density === "roomy" ? raw.density : "normal",
  };
}

const store = createStore<Settings>(DEFAULTS);

function apply(settings: Settings): void {
  const root = document.documentElement;
  root.dataset.theme = settings.theme;
  root.dataset.density = settings.density;
  root.lang = settings.lang;
  setLang(settings.lang);
}

/** Once, before the first paint. */
export function loadSettings(): void {
  store.set(readSettings(localStorage.getItem(KEY)));
  apply(store.get());
}

/** What the core keeps wins over what the window remembered. */
export function adoptSettings({ theme, language }: CoreSettings): void {
  setLocally({ theme, lang: language });
}

/** Shown at once, then kept by the core; where it can't keep it, it holds for this sitting. */
export function changeSettings(change: Partial<Settings>): void {
  setLocally(change);
  const { theme, lang } = store.get();
  call("settings_set", { theme, language: lang }).catch(() => undefined);
}

function setLocally(change: Partial<Settings>): void {
  store.set({ ...store.get(), ...change });
  apply(store.get());
  localStorage.setItem(KEY, JSON.stringify(store.get()));
}

export function useSettings(): Settings {
  return useStore(store);
}
