import { describe, expect, it } from "vitest";
import { formatShort } from "./time";

describe("short times", () => {
  // 2026-12-31 23:30 in the business' zone.
  const now = Date.parse("2026-12-31T15:30:00Z");

  it("leave this year out and never another one", () => {
    expect(formatShort("2026-11-22T12:34:00Z", now)).toBe("11-22 20:34");
    expect(formatShort("2025-01-04T02:16:00Z", now)).toBe("2025-01-04");
    expect(formatShort("2026-12-31T16:00:00Z", now)).toBe("2027-01-01");
  });
});
