import { describe, expect, it } from "vitest";
import { discountText, parseDiscount, parseEntry, parsePrice, parseQuantity, priceText, stepQuantity } from "./entry";
import { splitDeposit } from "./DepositDialog";

describe("what is typed at entry", () => {
  it.each([
    ["5*ssc", { quantity: "5", query: "ssc" }],
    ["5＊ssc", { quantity: "5", query: "ssc" }],
    ["１２*1006013", { quantity: "12", query: "1006013" }],
    ["2.5 x 1006013", { quantity: "2.5", query: "1006013" }],
    ["xlb", { quantity: "1", query: "xlb" }],
    ["5*", { quantity: "1", query: "5*" }],
    [" 四件套 ", { quantity: "1", query: "四件套" }],
  ])("%s", (text, entry) => {
    expect(parseEntry(text)).toEqual(entry);
  });

  it("takes quantities above zero with six places, and no others", () => {
    expect(["1", "2.5", "0.000001", "１，000"].map(parseQuantity)).toEqual(["1", "2.5", "0.000001", "1000"]);
    expect(["", "0", "0.0", "-1", "1.0000001", "abc", "1e3"].map(parseQuantity)).toEqual(Array(7).fill(null));
  });

  it("takes prices from zero, with or without the sign", () => {
    expect(["0", "¥9.5", "￥1,234.5678"].map(parsePrice)).toEqual(["0", "9.5", "1234.5678"]);
    expect(["-1", "x", "1.2345678"].map(parsePrice)).toEqual([null, null, null]);
  });

  it("reads a discount as a share or as money", () => {
    expect(parseDiscount("5%")).toEqual({ kind: "percent", value: "5" });
    expect(parseDiscount("１２.５％")).toEqual({ kind: "percent", value: "12.5" });
    expect(parseDiscount("10")).toEqual({ kind: "amount", value: "1000" });
    expect(["", "–", "0", "0%"].map((text) => parseDiscount(text)?.kind)).toEqual(Array(4).fill("none"));
    expect(["101%", "-5", "abc", "5%%"].map(parseDiscount)).toEqual(Array(4).fill(null));
  });

  it("writes a discount as it is read", () => {
    for (const text of ["5%", "12.5%", "10.00", ""]) {
      const discount = parseDiscount(text);
      expect(discount === null ? null : discountText(discount)).toBe(text);
    }
  });

  it("steps quantities exactly and never below what is left", () => {
    expect(stepQuantity("1", 1)).toBe("2");
    expect(stepQuantity("2.5", -1)).toBe("1.5");
    expect(stepQuantity("999999999.000001", 1)).toBe("1000000000.000001");
    expect([stepQuantity("1", -1), stepQuantity("0.5", -1)]).toEqual([null, null]);
  });

  it("shows at least two places of a price", () => {
    expect(["9", "9.5", "1234.123456"].map(priceText)).toEqual(["9.00", "9.50", "1,234.123456"]);
  });

  it("splits between reserve and QR, never below zero", () => {
    expect(splitDeposit("1000", "300")).toEqual({ uses: "300", rest: "700" });
    expect(splitDeposit("1000", "5000")).toEqual({ uses: "1000", rest: "0" });
    expect(splitDeposit("1000", "-5")).toEqual({ uses: "0", rest: "1000" });
  });
});
