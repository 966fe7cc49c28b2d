/// Where the person is. A stack in memory: no address bar to show it in, and Esc goes back one
/// level. Screens name their parameters here, so a link to a screen that isn't there fails `tsc`.
import { createStore, useStore } from "./store";

/** Parameters per screen; ids are the documents' ids. */
export interface Screens {
  today: Record<never, string>;
  /** `fresh` begins a new draft; each new value another one. */
  "order-entry": { order?: string; fresh?: string };
  orders: { order?: string };
  collections: { collection?: string };
  "collection-entry": { order?: string; distributor?: string; purpose?: string; method?: string };
  /** `how` is `link` where the payer gets the link and not the QR. */
  pay: { intent: string; how?: string };
  deposits: { distributor?: string };
  distributors: { distributor?: string };
  sync: { item?: string };
  finance: Record<never, string>;
  console: { section?: string };
}

export type ScreenName = keyof Screens;
export type Route = { [S in ScreenName]: { screen: S; params: Screens[S] } }[ScreenName];

/** Deeper than anybody goes back; old steps fall off. */
const MAX_DEPTH = 50;

const stack = createStore<readonly Route[]>([{ screen: "today", params: {} }]);

const same = (a: Route, b: Route): boolean =>
  a.screen === b.screen && JSON.stringify(a.params) === JSON.stringify(b.params);

export function currentRoute(): Route {
  return stack.get().at(-1) ?? { screen: "today", params: {} };
}

/** Goes to a screen; going where one already is adds no step. */
export function navigate<S extends ScreenName>(screen: S, params: Screens[S]): void {
  const route = { screen, params } as Route;
  if (same(route, currentRoute())) return;
  stack.set([...stack.get(), route].slice(-MAX_DEPTH));
}

/** Replaces the step one is on: choosing another row is not a step to come back to. */
export function replaceRoute<S extends ScreenName>(screen: S, params: Screens[S]): void {
  const route = { screen, params } as Route;
  if (same(route, currentRoute())) return;
  stack.set([...stack.get().slice(0, -1), route]);
}

let orders = 0;

/** A new order, whatever draft is open. */
export function newOrder(): void {
  orders += 1;
  navigate("order-entry", { fresh: String(orders) });
}

/** One level back; false at the bottom. */
export function goBack(): boolean {
  const steps = stack.get();
  if (steps.length < 2) return false;
  stack.set(steps.slice(0, -1));
  return true;
}

/** After unlock by somebody else: nobody steps back into another person's screens. */
export function resetRoute(): void {
  stack.set([{ screen: "today", params: {} }]);
}

export function useRoute(): Route {
  return useStore(stack).at(-1) ?? currentRoute();
}
