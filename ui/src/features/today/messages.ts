/// Texts of Today.
import type { Catalogue } from "../../i18n";

const zhCN = {
  title: "今日",
  drafts: "草稿",
  noDrafts: "没有草稿。按 F2 开单。",
  live: "正在收款",
  noLive: "没有有效的二维码",
  attention: "需处理",
  columns: { number: "单号", distributor: "经销商", lines: "行数", total: "金额", saved: "保存于", left: "剩余", state: "状态", check: "校验码" },
  noDistributor: "未选经销商",
  edits: "修改中的订单",
  hint: "↑↓ 选择，Enter 打开，Tab 到下一组",
};

const en = {
  title: "Today",
  drafts: "Drafts",
  noDrafts: "No drafts. F2 begins an order.",
  live: "Being collected",
  noLive: "No QR is live",
  attention: "To look at",
  columns: { number: "Number", distributor: "Distributor", lines: "Lines", total: "Amount", saved: "Saved", left: "Left", state: "State", check: "Check code" },
  noDistributor: "no distributor yet",
  edits: "changes an order",
  hint: "↑↓ choose, Enter opens, Tab goes to the next list",
} satisfies typeof zhCN;

export const messages: Catalogue<typeof zhCN> = { "zh-CN": zhCN, en };
