import { describe, expect, it, vi } from "vitest";
import { platform } from "../platform";
import { changeSettings, readSettings } from "./settings";

describe("settings", () => {
  it("falls back field by field on anything unknown", () => {
    const defaults = { theme: "light", lang: "zh-CN", density: "normal" };
    expect(readSettings(null)).toEqual(defaults);
    expect(readSettings("{broken")).toEqual(defaults);
    expect(readSettings('{"theme":"dark","lang":"fr","density":3}')).toEqual({ ...defaults, theme: "dark" });
  });

  it("marks the document and is there after a restart", () => {
    const invoke = vi.spyOn(platform, "invoke").mockResolvedValue({ value: {}, changed: [] });
    changeSettings({ theme: "dark", lang: "en" });
    expect(document.documentElement.dataset.theme).toBe("dark");
    expect(document.documentElement.lang).toBe("en");
    expect(readSettings(localStorage.getItem("fieldtill.settings"))).toMatchObject({ theme: "dark", lang: "en" });
    expect(invoke).toHaveBeenCalledExactlyOnceWith("settings_set", { theme: "dark", language: "en" });
    changeSettings({ theme: "light", lang: "zh-CN" });
  });
});
