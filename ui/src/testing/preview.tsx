/// The staff window over sample answers, for looking at screens without a core: never shipped.
/// `preview.html?screen=orders&theme=dark&lang=en`
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { createQueryClient, followChanges } from "../api/client";
import { installKeys, runAction } from "../app/keys";
import type { Action } from "../app/keys";
import { Root } from "../app/Root";
import { navigate, type ScreenName } from "../app/router";
import { installScanner } from "../app/scanner";
import { loadSettings } from "../app/settings";
import { CustomerScreen } from "../customer/CustomerScreen";
import type { DisplayState } from "../api/generated";
import { platform } from "../platform";
import { busyCore } from "./fake";
import { mockQr } from "./qr";
import "../styles/tokens.css";
import "../styles/base.css";

const query = new URLSearchParams(location.search);
const get = (key: string): string => query.get(key) ?? "";
const core = busyCore();
core.settings = { theme: get("theme") === "dark" ? "dark" : "light", language: get("lang") === "en" ? "en" : "zh-CN" };
core.online = get("net") !== "off";
core.enrolled = get("enrolled") !== "no";
core.staff = get("staff") === "" ? "s1" : get("staff") === "none" ? null : get("staff");
if (get("method") === "online") core.config.config.collection_online_payment_enabled = true;
if (get("broken") === "file") core.broken = { code: "corrupt_file", params: { file: "/home/ming/.local/share/fieldtill/ledger.db" } };
Object.assign(platform, core.platform);

const { answers } = core;
const [here] = [core.staff];
core.staff = "s1";
answers.collection_record({ distributor: "d1", purpose: "order_payment", method: "cash", amount_fen: "248000", allocations: [{ order: "sample6", amount_fen: "248000" }], note: "收据 0031", slip: null });
answers.collection_record({ distributor: "d2", purpose: "order_payment", method: "bank_transfer", amount_fen: "1286050", allocations: [], note: "", slip: null });
answers.collection_record({ distributor: "d3", purpose: "prepaid_deposit", method: "cheque", amount_fen: "500000", allocations: [], note: "支票 8812", slip: null });
answers.pay_top_up({ distributor: "d1", amount_fen: "500000" });
core.settle("I1");
core.staff = here;
const draft = "draft1";
answers.draft_edit({ order: draft, edit: "set_distributor", distributor: "d1" });
for (const [at, quantity] of ["4", "20", "6", "5", "0.001"].entries()) {
  answers.draft_edit({ order: draft, edit: "add_line", product: ["p1006013", "p1006051", "p1127052", "p1006002", "p1011004"][at] ?? "", quantity });
}
answers.draft_edit({ order: draft, edit: "set_line_discount", line: 1, discount: { kind: "percent", value: "5" } });
answers.draft_edit({ order: draft, edit: "set_discount", discount: { kind: "amount", value: "5900" } });
const pay = answers.pay_orders({ orders: ["sample5"], amount_fen: "630600" });
const body = pay.intent.intent;
const made = core.intents.get(body.id);
if (made !== undefined) {
  made.phone_link = get("phone") === "" ? null : "http://127.0.0.1/phone";
  if (get("state") === "paid") core.settle(body.id, (get("outcome") || "exact") as "exact");
  else if (get("state") !== "") made.intent.intent.state = get("state") as typeof body.state;
  if (get("unknown") !== "") made.intent.intent.unknown = true;
}

loadSettings();
installScanner(window);
installKeys(window);
const client = createQueryClient();
followChanges(client);
const params: Partial<Record<string, Record<string, string>>> = {
  pay: get("how") === "" ? { intent: body.id } : { intent: body.id, how: get("how") },
  orders: { order: "sample1" },
  deposits: { distributor: "d1" },
  distributors: { distributor: "d1" },
  "collection-entry": get("method") === "" ? { distributor: "d2" } : { distributor: "d2", method: get("method") },
  console: { section: get("section") },
  "order-entry": get("fresh") === "" ? { order: draft } : { fresh: "1" },
};
const screen = (get("screen") || "today") as ScreenName;
if (screen !== "today") navigate(screen, (params[screen] ?? {}) as never);
if (get("run") !== "") setTimeout(() => runAction(get("run") as Action), 700);

const display: Record<string, DisplayState> = {
  idle: { show: "idle", seller: "锦绣家纺有限公司" },
  pay: { show: "pay", distributor_name: "成都锦里商贸有限公司", amount_fen: "630600", purpose: "order_payment", check_code: "4827", qr_svg: mockQr(61), qr_modules: 61, expires_at: 0 },
  paid: { show: "paid", amount_fen: "630600" },
};
platform.watchDisplay = (show) => {
  show(display[get("customer")]);
  return () => undefined;
};

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>{get("customer") === "" ? <Root /> : <CustomerScreen />}</QueryClientProvider>
    </CSPProvider>,
  );
}
