import { describe, expect, it } from "vitest";
import { activeActions } from "../../app/keys";
import { all, click, quiet, until, visit } from "../../testing/app";

const shown = (): HTMLElement => all("layout-preview")[0] ?? document.body;
const labels = (): string[] => [...shown().querySelectorAll("label")].map((one) => one.textContent ?? "");

describe("the preview of layouts", () => {
  it("is the page itself with the draft, before anything is saved", async () => {
    const { core } = await visit("staff=s5&screen=console&section=layouts");
    expect(labels().some((one) => one.startsWith("付款方式"))).toBe(false);
    await click("layout-order_create-visible");
    await until(() => labels().some((one) => one.startsWith("付款方式")), "Payment Method in order entry");
    expect(core.configs).toHaveLength(1);
  });

  it("has the page that edits an order with its own setting", async () => {
    await visit("staff=s5&screen=console&section=layouts");
    await click("layout-order_create-visible");
    await click("preview-order_edit");
    await until(() => shown().querySelector('[data-testid="remark"]'), "the page");
    expect(labels().some((one) => one.startsWith("付款方式"))).toBe(false);
    await click("layout-order_edit-visible");
    await until(() => labels().some((one) => one.startsWith("付款方式")), "Payment Method");
  });

  it("shows the list's buttons with their labels of the draft", async () => {
    await visit("staff=s5&screen=console&section=layouts");
    await click("preview-order_list");
    await until(() => shown().querySelector('[data-testid="order-row"]'), "orders");
    const button = () => shown().querySelector('[data-testid="online-payment"]');
    expect(button()).toBeNull();
    await click("layout-list-button");
    expect((await until(button, "the button")).textContent).toContain("在线支付");
  });

  it("shows a collection's methods read-only when the draft says so", async () => {
    await visit("staff=s5&screen=console&section=layouts");
    await click("preview-collection_create");
    const cash = () => until(() => shown().querySelector<HTMLInputElement>('[data-testid="method-cash"]'), "methods");
    expect((await cash()).disabled).toBe(false);
    await click("layout-collection_create-readonly");
    await until(() => shown().querySelector<HTMLInputElement>('[data-testid="method-cash"]')?.disabled, "read-only");
  });

  it("offers no keys, takes no scans and opens no draft", async () => {
    const { core, keys } = await visit("staff=s5&screen=console&section=layouts");
    expect(shown().querySelector("[inert]")).not.toBeNull();
    expect(activeActions()).not.toContain("collect");
    expect(activeActions()).not.toContain("product");
    keys.scan("6901009024001");
    await quiet(core);
    expect(core.calls.filter(({ cmd }) => cmd.startsWith("draft_") || cmd === "product_search")).toEqual([]);
  });
});
