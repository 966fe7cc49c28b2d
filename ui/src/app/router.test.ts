import { beforeEach, describe, expect, it } from "vitest";
import { currentRoute, goBack, navigate, replaceRoute, resetRoute } from "./router";

describe("router", () => {
  beforeEach(resetRoute);

  it("goes forth and back one level at a time", () => {
    navigate("orders", {});
    navigate("orders", { order: "o1" });
    navigate("pay", { intent: "i1" });
    expect(goBack()).toBe(true);
    expect(currentRoute()).toEqual({ screen: "orders", params: { order: "o1" } });
    expect(goBack()).toBe(true);
    expect(goBack()).toBe(true);
    expect(currentRoute().screen).toBe("today");
    expect(goBack()).toBe(false);
  });

  it("adds no step for where one already is", () => {
    navigate("sync", {});
    navigate("sync", {});
    goBack();
    expect(currentRoute().screen).toBe("today");
  });

  it("replaces without leaving a step behind", () => {
    navigate("orders", { order: "o1" });
    replaceRoute("orders", { order: "o2" });
    goBack();
    expect(currentRoute().screen).toBe("today");
  });

  it("forgets the oldest steps, not the newest", () => {
    for (let at = 0; at < 200; at += 1) navigate("orders", { order: String(at) });
    expect(currentRoute().params).toEqual({ order: "199" });
    let steps = 0;
    while (goBack()) steps += 1;
    expect(steps).toBe(49);
  });
});
