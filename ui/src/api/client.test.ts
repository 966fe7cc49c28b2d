import { QueryObserver } from "@tanstack/react-query";
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

  it("asks anew when a change comes while the first answer is on its way", async () => {
    const client = createQueryClient();
    const answers: ((value: string) => void)[] = [];
    const queryFn = () => new Promise<string>((answer) => void answers.push(answer));
    const options = { queryKey: ["order_detail"], meta: { provides: ["orders"] }, queryFn };
    const observer = new QueryObserver<string>(client, options);
    const stop = observer.subscribe(() => undefined);
    expect(answers).toHaveLength(1);
    const done = invalidate(client, ["orders"]);
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[0]?.("before the change");
    answers[1]?.("after it");
    await done;
    expect(observer.getCurrentResult().data).toBe("after it");
    stop();
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
