import { describe, expect, it } from "vitest";
import { messages } from "../app/messages";
import { messages as consoleMessages } from "../features/console/messages";
import { PAGES } from "./pages";
import { DISPLAY } from "./scene";

const queries = PAGES.map(({ query }) => new URLSearchParams(query));
const asked = (key: string): (string | null)[] => queries.map((query) => query.get(key));

describe("the list of pages", () => {
  it("names no page twice", () => {
    const names = PAGES.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    for (const name of names) expect(name).toMatch(/^[a-z-]+$/);
  });

  it.each(Object.keys(messages.en.screens))("has the screen %s", (screen) => {
    // Today is what opens without being asked for.
    expect(asked("screen").map((one) => one ?? "today")).toContain(screen);
  });

  it.each(Object.keys(consoleMessages.en.section))("has the console's section %s", (section) => {
    expect(asked("section")).toContain(section);
  });

  it.each(Object.keys(DISPLAY))("has the customer window at %s", (state) => {
    expect(asked("customer")).toContain(state);
  });

  const sources = import.meta.glob<string>(["../{app,features}/**/*.tsx", "!**/*.test.tsx"], { query: "?raw", import: "default", eager: true });
  const dialogs = Object.entries(sources)
    .map(([path, text]) => [path.replace("../", ""), text.split("<Dialog\n").length + text.split("<Dialog ").length - 2] as const)
    .filter(([, count]) => count > 0);

  it.each(dialogs)("has every dialog of %s", (file, count) => {
    expect(PAGES.filter(({ dialog }) => dialog === file)).toHaveLength(count);
  });

  it("names only dialogs that are there", () => {
    const files = dialogs.map(([file]) => file);
    for (const { dialog } of PAGES) if (dialog !== undefined) expect(files).toContain(dialog);
  });
});
