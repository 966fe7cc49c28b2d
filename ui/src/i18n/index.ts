/// Two languages, typed catalogues beside the screens, no library. zh-CN is the source: a key that
/// `en` lacks, or has too much, fails `tsc` by `satisfies typeof zhCN`. Parameters are functions.
import { useSyncExternalStore } from "react";

export const LANGS = ["zh-CN", "en"] as const;
export type Lang = (typeof LANGS)[number];
export type Catalogue<M> = Record<Lang, M>;

export const isLang = (value: unknown): value is Lang => LANGS.some((lang) => lang === value);

let current: Lang = "zh-CN";
const listeners = new Set<() => void>();

export function setLang(lang: Lang): void {
  if (lang === current) return;
  current = lang;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
const getLang = (): Lang => current;

export function useLang(): Lang {
  return useSyncExternalStore(subscribe, getLang);
}

/** The texts of one feature in the language in force. */
export function useT<M>(catalogue: Catalogue<M>): M {
  return catalogue[useLang()];
}

/** The same outside a component (toasts that outlive the screen). */
export function textOf<M>(catalogue: Catalogue<M>): M {
  return catalogue[current];
}
