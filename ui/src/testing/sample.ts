/// Sample answers for tests and the preview page: one company, as a new terminal would hold it.
import type { Button, ConfigVersion, Distributor, OrderField, OutboxRow, ProductRow, StaffRow } from "../api/generated";

/** 2026-11-22 10:41 in Shanghai. */
export const NOW = Date.UTC(2026, 10, 22, 2, 41);

export const STAFF: readonly StaffRow[] = [
  { id: "s1", name: "销售 01", role: "sales", department: null },
  { id: "s2", name: "销售 02", role: "sales", department: null },
  { id: "s3", name: "财务 01", role: "finance", department: null },
  { id: "s4", name: "财务主管", role: "finance_lead", department: null },
  { id: "s5", name: "管理员", role: "admin", department: null },
];

const preset = (object: Button["object"], name: Button["name"], label_zh: string, label_en: string): Button => ({
  object,
  name,
  label_zh,
  label_en,
  placements: object === "sales_order" ? ["detail", "list_row", "list_bulk", "create"] : ["create"],
  roles: ["sales", "finance", "finance_lead"],
  conditions: [],
  show_when_locked: true,
});

/** As the demo company is set up. */
export const CONFIG: ConfigVersion = {
  version: 1,
  at: NOW - 86_400_000,
  author: null,
  op: null,
  bindings: { wechat_pay: true, alipay: true },
  mini_program: "not_hosted",
  config: {
    online_payment_enabled: true,
    collection_online_payment_enabled: false,
    mode: "normal",
    qr_mode: "cashier",
    wechat_h5: false,
    intent_lifetime_s: 900,
    limits: { wechat_pay: { least_fen: null, most_fen: null }, alipay: { least_fen: null, most_fen: null } },
    fees: { wechat_pay: null, alipay: null },
    departments: [{ id: "d1", name: "华东", parent: null }],
    lease_hours: 72,
    offline_proof_limit_fen: "2000000",
    price_floor: false,
    credit_block: false,
    layouts: {
      order_create: { visible: false, required: false, readonly: false },
      order_edit: { visible: false, required: false, readonly: false },
      order_list: { show_online_payment_button: false },
      collection_create: { visible: true, required: false, readonly: false },
    },
    buttons: [
      preset("sales_order", "online_payment", "在线支付", "Online payment"),
      preset("payment_collection", "online_payment", "在线支付", "Online payment"),
      preset("payment_collection", "qr_code_payment", "扫码支付", "QR code payment"),
    ],
  },
};

const person = (id: string, code: string, name: string, phone: string, region: string): Distributor => ({
  id,
  number: 1,
  code,
  name,
  phone,
  region,
  price_book: null,
  credit_limit_fen: "5000000",
  active: true,
});

export const DISTRIBUTORS: readonly (Distributor & { initials: string })[] = [
  { ...person("d1", "D1001", "成都锦里商贸有限公司", "13800002871", "四川成都"), initials: "cdjlsmyxgs" },
  { ...person("d2", "D1002", "重庆渝中百货", "13800007788", "重庆渝中"), initials: "cqyzbh" },
  { ...person("d3", "D1003", "厦门思明便利", "13900001234", "福建厦门"), initials: "xmsmbl" },
  { ...person("d4", "D1004", "六安金寨茶行", "13700004321", "安徽六安"), initials: "lajzch" },
  { ...person("d5", "D1005", "蚌埠淮上粮油", "13600009999", "安徽蚌埠"), initials: "bbhsly" },
  { ...person("d6", "D1006", "长沙银盆岭超市", "13500001111", "湖南长沙"), initials: "csyplcs" },
];

const thing = (code: string, initials: string, name: string, spec: string, unit: string, unit_price: string) => ({
  id: `p${code}`,
  code,
  barcode: `690${code}001`,
  name,
  spec,
  unit,
  unit_price,
  price_book: null,
  as_of: NOW - 660_000,
  initials,
});

export const PRODUCTS: readonly (ProductRow & { initials: string })[] = [
  thing("1006013", "sgjscsb", "双宫茧桑蚕丝被", "空调被", "件", "699"),
  thing("1006051", "hsyyrcrmj", "皇室御用超柔毛巾", "", "条", "59"),
  thing("1127052", "cmsxszgxlb", "纯棉水洗色织格夏凉被", "150×200", "件", "149"),
  thing("1006002", "qsccmcxsxsjt", "轻奢纯棉刺绣水洗四件套", "1.8m", "件", "899"),
  thing("1009024", "rsylxtzr", "日式和风懒人沙发", "", "件", "599"),
  thing("1010000", "yyyctddzz", "母亲节礼物-舒适安睡组合", "", "组", "1598"),
  thing("1011004", "sjbxxw", "色织精梳AB纱格纹空调被", "", "件", "199"),
  thing("1015007", "dyzrlmqs", "典雅针织手工盖毯", "", "条", "259.5"),
];

/** Some of what an order can be asked, as the core says it. */
export const ORDER_FIELDS: OrderField[] = [
  { name: "distributor_name", field_type: "text", operators: ["EQ", "N", "IN", "NIN", "LIKE", "IS", "ISN"] },
  { name: "number", field_type: "text", operators: ["EQ", "N", "IN", "NIN", "LIKE", "IS", "ISN"] },
  { name: "ordered_on", field_type: "date", operators: ["EQ", "N", "GT", "GTE", "LT", "LTE", "IN", "NIN", "BETWEEN", "IS", "ISN"] },
  { name: "payment_state", field_type: "choice", operators: ["EQ", "N", "IN", "NIN", "IS", "ISN"] },
  { name: "pending", field_type: "boolean", operators: ["EQ", "N", "IS", "ISN"] },
  { name: "total_fen", field_type: "money", operators: ["EQ", "N", "GT", "GTE", "LT", "LTE", "IN", "NIN", "BETWEEN", "IS", "ISN"] },
];

/** So many operations that wait to be sent. */
export const outbox = (count: number): OutboxRow[] =>
  Array.from({ length: count }, (_, at) => ({
    operation: { op_id: `op${at}`, seq: 118 + at, kind: at % 2 === 0 ? "order_submit" : "intent_open", staff: "s1", at: NOW + at * 1_000, verdict: at === 2 ? "blocked" : null, reason: null, pending: true, needs_look: false },
    staff_name: "销售 01",
    subject: `T07-261122-00${31 + at}`,
  }));
