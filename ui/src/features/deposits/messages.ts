/// Texts of the prepaid deposit.
import type { Catalogue } from "../../i18n";

const zhCN = {
  title: "预存款",
  choose: "先找一个经销商",
  chooseDetail: "输入编码、名称或拼音首字母，回车打开它的预存款。",
  change: "更换",
  balance: "余额",
  available: "本机之外",
  reserve: "本机可用",
  waiting: "待入账支出",
  none: "后端还没有这个经销商的预存款。充值后就会出现。",
  onlyConfirmed: "充值在后端确认后才增加余额。",
  topUp: "充值",
  amount: "充值金额",
  amountNeeded: "请输入大于零的金额",
  byQr: "扫码充值",
  byHand: "登记现金充值",
  moves: "变动",
  noMoves: "还没有变动",
  columns: { at: "时间", kind: "类型", number: "回款单号", method: "方式", amount: "变动", state: "状态" },
  kindTopUp: "充值",
  kindSpend: "付订单",
};

const en = {
  title: "Deposit",
  choose: "Find a distributor first",
  chooseDetail: "Type a code, a name or pinyin initials; Enter opens its deposit.",
  change: "Change",
  balance: "Balance",
  available: "Elsewhere",
  reserve: "Usable here",
  waiting: "Spends on their way",
  none: "The backend knows no deposit of this distributor yet. It appears with the first top-up.",
  onlyConfirmed: "A top-up raises the balance once the backend has confirmed it.",
  topUp: "Top up",
  amount: "Amount",
  amountNeeded: "Enter an amount above zero",
  byQr: "Top up by QR",
  byHand: "Record a cash top-up",
  moves: "Movements",
  noMoves: "No movements yet",
  columns: { at: "Time", kind: "Kind", number: "Collection", method: "Method", amount: "Change", state: "State" },
  kindTopUp: "Top-up",
  kindSpend: "Paid an order",
} satisfies typeof zhCN;

export const messages: Catalogue<typeof zhCN> = { "zh-CN": zhCN, en };
