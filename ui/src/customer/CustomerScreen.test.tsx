import { act } from "react";
import { describe, expect, it, vi } from "vitest";
import type { DisplayState } from "../api/generated";
import { platform } from "../platform";
import { render } from "../testing/render";
import { CustomerScreen } from "./CustomerScreen";

describe("the customer window", () => {
  it("shows each payer only their own amount, and nothing in between", () => {
    let show: (state: unknown) => void = () => undefined;
    vi.spyOn(platform, "watchDisplay").mockImplementation((listener) => {
      show = listener;
      return () => undefined;
    });
    const host = render(<CustomerScreen />);
    const pay: DisplayState = {
      show: "pay",
      distributor_name: "成都锦里商贸有限公司",
      amount_fen: "630600",
      purpose: "order_payment",
      channel: null,
      check_code: "4827",
      qr_svg: '<svg><path fill="#000" d="M4 4h7v1h-7z"/></svg>',
      qr_modules: 33,
      expires_at: Date.parse("2026-11-22T11:00:00Z"),
    };
    act(() => show(pay));
    expect(host.textContent).toContain("¥6,306.00");
    expect(host.textContent).toContain("4827");
    expect(host.textContent).toContain("微信或支付宝扫一扫");
    // A channel's own code leads to no page of ours: nothing there shows a check code.
    act(() => show({ ...pay, channel: "alipay" }));
    expect(host.textContent).toContain("请用支付宝扫一扫");
    expect(host.textContent).not.toContain("4827");
    act(() => show({ show: "paid", amount_fen: "630600" }));
    expect(host.querySelector("svg")).toBeNull();
    expect(host.textContent).toContain("已付款");
    act(() => show({ show: "idle", seller: "锦绣家纺有限公司" }));
    expect(host.textContent).toBe("锦绣家纺有限公司");
  });
});
