/// Texts of outbox and sync.
import type { Catalogue } from "../../i18n";
import type { Connectivity } from "../../api/generated";

const zhCN = {
  title: "同步",
  states: { online: "在线", offline: "离线", work_offline: "手动离线", enrol_again: "需重新登记" } satisfies Record<Connectivity, string>,
  since: (at: string) => `自 ${at}`,
  workOffline: "手动离线",
  workOfflineOn: "手动离线：开",
  workOfflineOff: "手动离线：关",
  workOfflineHint: "打开后不再联系后端，直到关掉；开单和离线收款照常。",
  syncNow: "立即同步",
  lastContact: "上次联系",
  never: "还没有",
  pending: "待同步",
  attentionCount: "需处理",
  tickets: "离线凭据",
  requests: "本次启动以来的请求",
  catalogue: "产品目录截至",
  outbox: "待发送与待确认",
  outboxEmpty: "全部已同步",
  outboxEmptyDetail: "这里的每一行都是已保存在本机、后端还没有最终答复的操作。",
  attention: "需处理",
  attentionEmpty: "没有需要处理的事",
  enrolAgain: "后端要求本机重新登记。已保存的内容不会丢失；请管理员发登记码。",
  columns: { seq: "序号", kind: "操作", subject: "单据", staff: "员工", at: "时间", state: "状态", why: "原因", amount: "金额" },
  rowStates: {
    waiting: "等待发送",
    applied: "后端已执行，等待回传",
    applied_with_difference: "已执行，但有差异",
    rejected: "被拒绝",
    blocked: "后端暂扣，等待别的事",
  },
};

const en = {
  title: "Sync",
  states: { online: "Online", offline: "Offline", work_offline: "Offline by choice", enrol_again: "Enrol again" },
  since: (at: string) => `since ${at}`,
  workOffline: "Work offline",
  workOfflineOn: "Work offline: on",
  workOfflineOff: "Work offline: off",
  workOfflineHint: "While it is on the backend is not contacted; orders and offline QRs work as ever.",
  syncNow: "Sync now",
  lastContact: "Last contact",
  never: "not yet",
  pending: "To sync",
  attentionCount: "To look at",
  tickets: "Offline tickets",
  requests: "Requests since start",
  catalogue: "Catalogue as of",
  outbox: "To send and to be confirmed",
  outboxEmpty: "All synced",
  outboxEmptyDetail: "Each row here is an operation saved on this terminal that the backend has not finally answered.",
  attention: "To look at",
  attentionEmpty: "Nothing to look at",
  enrolAgain: "The backend wants this terminal enrolled again. Nothing that was saved is lost; ask an administrator for a code.",
  columns: { seq: "No.", kind: "Operation", subject: "Document", staff: "Staff", at: "Time", state: "State", why: "Why", amount: "Amount" },
  rowStates: {
    waiting: "waiting to be sent",
    applied: "done at the backend, coming back",
    applied_with_difference: "done, with a difference",
    rejected: "rejected",
    blocked: "held by the backend for something else",
  },
} satisfies typeof zhCN;

export const messages: Catalogue<typeof zhCN> = { "zh-CN": zhCN, en };
