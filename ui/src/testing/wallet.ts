/// The corporate wallet of the core in memory: as the backend would answer.
import type { BindingView, StaffId, WalletView } from "../api/generated";
import { type Answers, refuse } from "./config";
import { NOW } from "./sample";

/** What of the core it works on. */
interface Held {
  wallet: WalletView;
  online: boolean;
  staff: StaffId | null;
}

export const WALLET: WalletView = {
  bindings: [
    {
      binding: null,
      details: { channel: "wechat_pay", merchant_no: "1900000109", app_id: "wx8888888888888888", holder: "重庆远征（集团）有限公司", credit_code: "" },
      status: "active",
      refused: null,
      tested_at: null,
      saved_by: null,
      saved_at: null,
    },
  ],
  mini_program: null,
  changes: [],
};

type Part = Pick<Answers, "wallet" | "wallet_save" | "wallet_test" | "wallet_activate" | "mini_program_bind">;

export function walletAnswers(core: Held): Part {
  const reach = (): WalletView => (core.online ? core.wallet : refuse({ code: "unreachable" }));
  const find = (binding: string): BindingView => core.wallet.bindings.find((one) => one.binding === binding) ?? refuse({ code: "not_found", params: { what: "wallet_binding" } });
  const note = (act: WalletView["changes"][number]["act"], after: string): void => {
    core.wallet.changes.unshift({ at: NOW, staff: core.staff ?? "", act, before: "", after });
  };
  return {
    wallet: reach,
    wallet_save: ({ details }) => {
      const binding = `b${reach().bindings.length}`;
      core.wallet.bindings.push({ binding, details, status: "draft", refused: null, tested_at: null, saved_by: core.staff, saved_at: NOW });
      note("saved", details.merchant_no);
      return { wallet: core.wallet, binding };
    },
    wallet_test: ({ binding }) => {
      reach();
      const held = find(binding);
      const good = held.details.merchant_no !== "0";
      Object.assign(held, { status: good ? "tested" : "failed", tested_at: NOW, refused: good ? null : { code: "channel_refused", params: { reason: "SIGN_ERROR" } } });
      note(good ? "tested" : "failed", held.details.merchant_no);
      return { wallet: core.wallet, binding };
    },
    wallet_activate: ({ binding, replaces }) => {
      reach();
      const held = find(binding);
      const before = core.wallet.bindings.find(({ status, details }) => status === "active" && details.channel === held.details.channel);
      if (before !== undefined && before.details.merchant_no !== replaces) return refuse({ code: "wallet_limit", params: { merchant_no: before.details.merchant_no } });
      if (before !== undefined) before.status = "retired";
      held.status = "active";
      note("activated", held.details.merchant_no);
      return { wallet: core.wallet, binding };
    },
    mini_program_bind: ({ details }) => {
      const holder = reach().bindings.find(({ status, details: of }) => status === "active" && of.channel === "wechat_pay")?.details.holder;
      core.wallet.mini_program = {
        details,
        owner: holder === undefined ? "no_account" : holder === details.owner ? "same" : "name_differs",
        holder: holder ?? "",
        bound_by: core.staff ?? "",
        bound_at: NOW,
      };
      note("mini_program_bound", details.app_id);
      return { wallet: core.wallet, binding: null };
    },
  };
}
