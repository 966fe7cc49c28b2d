/// Texts of the customer window. It has no language switch: payers read both.
import type { Channel, Purpose } from "../api/generated";

export const messages = {
  scan: { zh: "微信或支付宝扫一扫", en: "Scan with WeChat or Alipay" },
  scanWith: {
    wechat_pay: { zh: "请用微信扫一扫", en: "Scan with WeChat" },
    alipay: { zh: "请用支付宝扫一扫", en: "Scan with Alipay" },
  } satisfies Record<Channel, { zh: string; en: string }>,
  checkCode: { zh: "校验码", en: "Check code" },
  compare: { zh: "请与手机上的校验码核对，一致再付款", en: "Pay only if your phone shows the same code" },
  paid: { zh: "已付款", en: "Paid" },
  thanks: { zh: "谢谢", en: "Thank you" },
  purpose: {
    order_payment: { zh: "订单付款", en: "Order payment" },
    prepaid_deposit: { zh: "预存款充值", en: "Deposit top-up" },
    other: { zh: "其他", en: "Other" },
  } satisfies Record<Purpose, { zh: string; en: string }>,
};
