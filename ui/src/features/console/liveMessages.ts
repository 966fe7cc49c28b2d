/// Texts of what is being asked for while online payment is switched off.
import type { Catalogue } from "../../i18n";

const zhCN = {
  title: (count: number) => `${count} 笔收款正在进行`,
  whatHappens: "停用后不再发起新的收款。下面这些不受影响：对方仍可付款，到账照常入账；到期没付的由后端先在渠道关闭再结束。终端离线时发出、后端还不知道的收款不在表里：已被打开过的照样入账，没打开过的会被拒绝。",
  columns: { number: "单号", distributor: "经销商", staff: "发起人", amount: "金额", state: "状态", until: "到期" },
  back: "返回",
  save: "仍要停用",
};

const en = {
  title: (count: number) => `${count} ${count === 1 ? "payment is" : "payments are"} being asked for`,
  whatHappens: "Once off, nothing new is asked for. These go on: they can still be paid and are booked as ever; what is not paid by its end is closed at the channel first. Asks made offline that the backend has not heard of are not listed: those opened by a payer are booked, the others refused.",
  columns: { number: "Number", distributor: "Distributor", staff: "Asked by", amount: "Amount", state: "State", until: "Until" },
  back: "Back",
  save: "Switch it off",
} satisfies typeof zhCN;

export const liveMessages: Catalogue<typeof zhCN> = { "zh-CN": zhCN, en };
