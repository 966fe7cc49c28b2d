import { afterEach, describe, expect, it } from "vitest";
import type { ErrorCode } from "../api/client";
import { errorText } from "./errors";
import { setLang } from "./index";

const SAMPLES: readonly ErrorCode[] = [
  { code: "wrong_pin", params: { wait_s: 30 } },
  { code: "bad_field", params: { field: "row 3: code" } },
  { code: "bad_field", params: { field: "line 2" } },
  { code: "deposit_short", params: { available_fen: "300000" } },
  { code: "not_allowed", params: { role: "sales" } },
  { code: "not_found", params: { what: "order" } },
  { code: "disk_full", params: { file: "/data/ledger.db" } },
];

describe("refusals in words", () => {
  afterEach(() => setLang("zh-CN"));

  it("say what happened with their parameters, in both languages", () => {
    expect(SAMPLES.map(errorText).join("\n")).toMatch(/30 秒[^]*第 3 行的编码[^]*第 2 行[^]*¥3,000\.00[^]*销售[^]*订单[^]*ledger\.db/);
    setLang("en");
    expect(SAMPLES.map(errorText).join("\n")).toMatch(/30 s[^]*row 3[^]*line 2[^]*¥3,000\.00[^]*Sales[^]*order[^]*ledger\.db/);
  });

  it("show the bare code of a newer core rather than nothing", () => {
    expect(errorText({ code: "brand_new" } as unknown as ErrorCode)).toBe("brand_new");
  });
});
