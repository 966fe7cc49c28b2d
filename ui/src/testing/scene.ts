/// What a page of `preview.html` stands on: a morning's work in the core in memory, and the place in
/// it that the query asks for. The tests that go through every page begin with the same.
import type { DisplayState, PayView } from "../api/generated";
import { navigate, type ScreenName } from "../app/router";
import { busyCore, type FakeCore } from "./fake";
import { mockQr } from "./qr";

export const DISPLAY: Record<string, DisplayState> = {
  idle: { show: "idle", seller: "锦绣家纺有限公司" },
  pay: { show: "pay", distributor_name: "成都锦里商贸有限公司", amount_fen: "630600", purpose: "order_payment", check_code: "4827", channel: null, qr_svg: mockQr(61), qr_modules: 61, expires_at: 0 },
  paid: { show: "paid", amount_fen: "630600" },
};

const DRAFT = "draft1";

/** Collections of each method, a refund that waits for its second pair of eyes, and a draft. */
function work(core: FakeCore): void {
  const { answers } = core;
  answers.collection_record({ distributor: "d1", purpose: "order_payment", method: "cash", amount_fen: "248000", allocations: [{ order: "sample6", amount_fen: "248000" }], note: "收据 0031", slip: null });
  answers.collection_record({ distributor: "d2", purpose: "order_payment", method: "bank_transfer", amount_fen: "1286050", allocations: [], note: "", slip: null });
  answers.collection_record({ distributor: "d3", purpose: "prepaid_deposit", method: "cheque", amount_fen: "500000", allocations: [], note: "支票 8812", slip: "photo" });
  const topUp = answers.pay_top_up({ distributor: "d1", amount_fen: "500000" });
  core.settle(topUp.intent.intent.id);
  answers.refund_request({ transaction_record: "r1", from: "deposit", allocations: [], amount_fen: "80000", reason: "客户多充，退回" });
  answers.draft_edit({ order: DRAFT, edit: "set_distributor", distributor: "d1" });
  for (const [at, quantity] of ["4", "20", "6", "5", "0.001"].entries()) {
    answers.draft_edit({ order: DRAFT, edit: "add_line", product: ["p1006013", "p1006051", "p1127052", "p1006002", "p1011004"][at] ?? "", quantity });
  }
  answers.draft_edit({ order: DRAFT, edit: "set_line_discount", line: 1, discount: { kind: "percent", value: "5" } });
  answers.draft_edit({ order: DRAFT, edit: "set_discount", discount: { kind: "amount", value: "5900" } });
}

/** The payment intent of the pay sheet, in the state asked for. */
function ask(core: FakeCore, get: (key: string) => string): string {
  const { id } = core.answers.pay_orders({ orders: ["sample5"], amount_fen: "630600" }).intent.intent;
  const made = core.intents.get(id);
  if (made === undefined) return id;
  const body: PayView["intent"]["intent"] = made.intent.intent;
  made.phone_link = get("phone") === "" ? null : "http://127.0.0.1/phone";
  if (get("state") === "paid") core.settle(id, (get("outcome") || "exact") as "exact");
  else if (get("state") !== "") body.state = get("state") as typeof body.state;
  if (get("unknown") !== "") body.unknown = true;
  if (get("proved") !== "") body.proved_offline = true;
  if (get("closing") !== "") made.intent.closing = true;
  if (get("left") !== "") made.left_ms = Number(get("left"));
  return id;
}

/**
 * Keys of the query: `screen`, `section` (console), `staff` (an id or `none`), `lang`, `theme`;
 * `online=everywhere` for every button of online payment; `net=off`, `enrolled=no`, `broken=file`; of order entry `fresh`; `empty` for a screen with nothing
 * chosen; `live` chooses the order whose QR is out; `waits` has the chosen order wait for approval; of the pay sheet `state`, `outcome`, `unknown`, `proved`, `closing`, `left`, `phone`, `how`; of a new collection `method`.
 * `go` leads to the page once the window is there.
 */
export function scene(query: URLSearchParams): { core: FakeCore; go: () => void } {
  const get = (key: string): string => query.get(key) ?? "";
  const core = busyCore();
  core.settings = { theme: get("theme") === "dark" ? "dark" : "light", language: get("lang") === "en" ? "en" : "zh-CN" };
  core.online = get("net") !== "off";
  core.enrolled = get("enrolled") !== "no";
  if (get("broken") === "file") core.broken = { code: "corrupt_file", params: { file: "/home/ming/.local/share/fieldtill/ledger.db" } };
  if (get("online") === "everywhere") {
    core.config.config.layouts.order_list.show_online_payment_button = true;
    core.config.config.collection_online_payment_enabled = true;
  }
  core.staff = "s1";
  work(core);
  const waits = core.orders.get("sample1")?.order.order;
  if (get("waits") !== "" && waits !== undefined) waits.state = "submitted";
  const intent = ask(core, get);
  core.staff = get("staff") === "none" ? null : get("staff") || "s1";
  const chosen: Partial<Record<ScreenName, Record<string, string>>> = {
    orders: { order: get("live") === "" ? "sample1" : "sample5" },
    collections: { collection: core.collections[0]?.collection.id ?? "" },
    deposits: { distributor: "d1" },
    distributors: { distributor: "d1" },
    "collection-entry": get("method") === "" ? { distributor: "d2" } : { distributor: "d2", method: get("method") },
  };
  const params: Partial<Record<ScreenName, Record<string, string>>> = {
    ...(get("empty") === "" ? chosen : {}),
    pay: get("how") === "" ? { intent } : { intent, how: get("how") },
    console: { section: get("section") },
    "order-entry": get("fresh") === "" ? { order: DRAFT } : { fresh: "1" },
  };
  const screen = (get("screen") || "today") as ScreenName;
  const go = (): void => {
    if (screen !== "today") navigate(screen, (params[screen] ?? {}) as never);
  };
  return { core, go };
}
