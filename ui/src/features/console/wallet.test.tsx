import { act } from "react";
import { describe, expect, it } from "vitest";
import { all, click, fill, seen, start, until } from "../../testing/app";
import { FakeCore } from "../../testing/fake";

async function open(core: FakeCore, section: string): Promise<void> {
  core.staff = "s5";
  start(core);
  await click("nav-console");
  await click(`console-${section}`);
}
async function details(merchantNo: string): Promise<void> {
  await click("bind-alipay");
  await fill("wallet-merchant-no", merchantNo);
  await fill("wallet-app-id", "2021");
  await fill("wallet-holder", "重庆远征");
  await click("wallet-next");
  await fill("wallet-private_key", "-----BEGIN PRIVATE KEY-----");
  await fill("wallet-public_key", "-----BEGIN PUBLIC KEY-----");
  await click("wallet-save");
}

describe("the corporate wallet", () => {
  it("binds an account in four steps: details, credentials, live self-test, active", async () => {
    const core = new FakeCore();
    await open(core, "wallet");
    await details("2088");
    await click("wallet-test");
    await click("wallet-activate");
    await until(() => all("binding").some((row) => row.dataset.merchant === "2088" && row.dataset.status === "active"), "active");
    const acts = core.calls.map(({ cmd }) => cmd).filter((cmd) => cmd.startsWith("wallet_"));
    expect(acts).toEqual(["wallet_save", "wallet_test", "wallet_activate"]);
    // Neither the page nor what the core keeps has the keys.
    expect(document.body.innerHTML + JSON.stringify(core.wallet)).not.toContain("BEGIN");
  });

  it("takes an app's certificates in place of Alipay's key", async () => {
    const core = new FakeCore();
    await open(core, "wallet");
    await click("bind-alipay");
    await fill("wallet-merchant-no", "2088");
    await fill("wallet-app-id", "2021");
    await fill("wallet-holder", "重庆远征");
    await click("wallet-next");
    await fill("wallet-private_key", "key");
    await click("wallet-trust-certificates");
    expect(all("wallet-public_key")).toHaveLength(0);
    for (const name of ["app_certificate", "alipay_certificate"]) await fill(`wallet-${name}`, name);
    // Two of the three are not enough.
    expect((await seen("wallet-save") as HTMLButtonElement).disabled).toBe(true);
    await fill("wallet-alipay_root", "alipay_root");
    await click("wallet-save");
    await seen("wallet-test");
    expect(core.calls.find(({ cmd }) => cmd === "wallet_save")?.input).toMatchObject({
      credentials: { channel: "alipay", app_private_key_pem: "key", app_certificate_pem: "app_certificate", alipay_certificate_pem: "alipay_certificate", alipay_root_pem: "alipay_root" },
    });
  });

  it("says why a self-test failed and offers no activation", async () => {
    await open(new FakeCore(), "wallet");
    await details("0");
    await click("wallet-test");
    const refused = await seen("wallet-refused");
    expect(refused.textContent).toContain("SIGN_ERROR");
    expect(all("wallet-activate")).toHaveLength(0);
  });

  it("names the account that a new one replaces", async () => {
    const core = new FakeCore();
    core.wallet.bindings.push({ binding: "b7", status: "tested", refused: null, tested_at: 1, saved_by: "s5", saved_at: 1, details: { channel: "wechat_pay", merchant_no: "1900000222", app_id: "wx2", holder: "重庆远征", credit_code: "" } });
    await open(core, "wallet");
    await until(() => all("binding").length === 2, "two bindings");
    act(() => all("binding")[1]?.querySelector("button")?.click());
    await seen("wallet-activate");
    expect(document.body.textContent).toContain("1900000109");
    await click("wallet-activate");
    await until(() => core.calls.some(({ cmd }) => cmd === "wallet_activate"), "activated");
    expect(core.calls.findLast(({ cmd }) => cmd === "wallet_activate")?.input).toEqual({ binding: "b7", replaces: "1900000109" });
  });

  it("says that it needs the network", async () => {
    const core = new FakeCore();
    core.online = false;
    await open(core, "wallet");
    await until(() => document.querySelector("[role=alert]")?.textContent?.includes("需要联网"), "in words");
  });

  it("keeps a fee rate with its source and day in the draft", async () => {
    const core = new FakeCore();
    await open(core, "wallet");
    await fill("fee-alipay", "0.6");
    await fill("fee-source-alipay", "合同 7");
    await fill("fee-date-alipay", "2026-11-28");
    await click("config-save");
    await until(() => core.configs.length === 2, "saved");
    expect(core.config.config.fees.alipay).toEqual({ rate: 60, source: "合同 7", date: "2026-11-28" });
  });

  it("compares a mini program's owner and shows the plain reason", async () => {
    await open(new FakeCore(), "mini_program");
    await fill("mini-app-id", "wx1");
    await fill("mini-owner", "另一家");
    await click("mini-bind");
    await until(() => all("mini-program")[0]?.dataset.owner === "name_differs", "compared");
    expect(all("mini-help")[0]?.children).toHaveLength(4);
  });
});
