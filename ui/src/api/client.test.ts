import { describe, expect, it, vi } from "vitest";
import { platform } from "../platform";
import { call, CommandError, createQueryClient, invalidate } from "./client";
import { commands } from "./generated";

describe("the client", () => {
  it("drops exactly the reads that show a changed tag", async () => {
    const client = createQueryClient();
    const read = (key: string, provides: string[]) =>
      client.fetchQuery({ queryKey: [key], meta: { provides }, queryFn: () => key });
    await read("order_list", ["orders"]);
    await read("order_detail", ["orders", "collections"]);
    await read("product_search", ["products"]);
    await invalidate(client, ["collections"]);
    const dropped = (key: string) => client.getQueryState([key])?.isInvalidated;
    expect([dropped("order_list"), dropped("order_detail"), dropped("product_search")]).toEqual([false, true, false]);
  });

  it("knows the tags of every read, or the screen would never hear of a change", () => {
    for (const [name, { writes, tags }] of Object.entries(commands)) {
      if (!writes) expect(tags.length, name).toBeGreaterThan(0);
    }
  });

  it("turns a refusal into its code and parameters", async () => {
    const refusal = { code: "conflict", params: { held: 3 } };
    vi.spyOn(platform, "invoke").mockRejectedValue(refusal);
    const error: unknown = await call("lock", {}).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as CommandError).why).toEqual(refusal);
  });

  it("names anything else internal, and keeps what it was", async () => {
    vi.spyOn(platform, "invoke").mockRejectedValue(new Error("boom"));
    await expect(call("lock", {})).rejects.toMatchObject({
      why: { code: "internal", params: { trace: "Error: boom" } },
    });
  });
});
