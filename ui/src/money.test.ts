import { describe, expect, it } from "vitest";
import { addMoney, compareMoney, editableAmount, formatAmount, formatMoney, negateMoney, parseMoney } from "./money";

describe("money", () => {
  it.each([
    ["630600", "¥6,306.00"],
    ["0", "¥0.00"],
    ["5", "¥0.05"],
    ["-1200", "-¥12.00"],
    ["100000000", "¥1,000,000.00"],
    // Beyond what a binary float holds exactly.
    ["900719925474099301", "¥9,007,199,254,740,993.01"],
  ])("formats %s fen as %s", (fen, text) => {
    expect(formatMoney(fen)).toBe(text);
  });

  it("leaves the sign of the currency to the column where asked", () => {
    expect(formatAmount("-123456")).toBe("-1,234.56");
    expect(editableAmount("123456")).toBe("1234.56");
  });

  it.each(["12.5", "", "1e3", "¥1"])("refuses to format %j, which is not integer fen", (bad) => {
    expect(() => formatMoney(bad)).toThrow(RangeError);
  });

  it.each([
    ["1234.5", "123450"],
    ["1,234.50", "123450"],
    ["￥１，２３４．５０", "123450"],
    ["０。５", "50"],
    [".07", "7"],
    ["12.", "1200"],
    ["-3", "-300"],
    [" 8 ", "800"],
  ])("reads %s as %s fen", (text, fen) => {
    expect(parseMoney(text)).toBe(fen);
  });

  it.each(["", ".", "1.234", "abc", "1-2", "12345678901234", "1.2.3"])("takes %j for no money", (text) => {
    expect(parseMoney(text)).toBeNull();
  });

  it("what is formatted reads back the same", () => {
    for (const fen of ["0", "1", "10", "99", "100", "101", "-1", "123456789012345"]) {
      expect(parseMoney(formatAmount(fen))).toBe(fen);
    }
  });

  it("adds, negates and compares without floats", () => {
    expect(addMoney("900719925474099301", "1")).toBe("900719925474099302");
    expect(addMoney()).toBe("0");
    expect(negateMoney("0")).toBe("0");
    expect(negateMoney("5")).toBe("-5");
    expect(["10", "9", "-1", "900719925474099302", "900719925474099301"].toSorted(compareMoney)).toEqual([
      "-1", "9", "10", "900719925474099301", "900719925474099302",
    ]);
  });
});
