import { afterEach, describe, expect, it, vi } from "vitest";
import { bridge } from "./bridge";
import { tagsOf } from "./platform";

const answer = (status: number, body: string) =>
  vi.stubGlobal("fetch", vi.fn(() => Promise.resolve(new Response(body, { status }))));

describe("the loopback bridge", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("posts the command and its payload to the same origin", async () => {
    answer(200, '{"value":1,"changed":[]}');
    await expect(bridge.invoke("lock", {})).resolves.toEqual({ value: 1, changed: [] });
    expect(fetch).toHaveBeenCalledExactlyOnceWith(
      "/rpc",
      expect.objectContaining({ method: "POST", body: '{"cmd":"lock","payload":{}}' }),
    );
  });

  it("rejects with the code that came, whatever the status", async () => {
    answer(422, '{"code":"locked"}');
    await expect(bridge.invoke("lock", {})).rejects.toEqual({ code: "locked" });
  });

  it("says unreachable when there is no answer, or not ours", async () => {
    answer(502, "<html>");
    await expect(bridge.invoke("lock", {})).rejects.toEqual({ code: "bridge_unreachable" });
    vi.stubGlobal("fetch", vi.fn(() => Promise.reject(new TypeError("down"))));
    await expect(bridge.invoke("lock", {})).rejects.toEqual({ code: "bridge_unreachable" });
  });

  it("takes tags from a changed event and nothing from anything else", () => {
    expect(tagsOf({ tags: ["orders", 3, "sync"] })).toEqual(["orders", "sync"]);
    expect([tagsOf(null), tagsOf("orders"), tagsOf({ tags: "orders" })]).toEqual([[], [], []]);
  });
});
