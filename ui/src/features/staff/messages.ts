/// Texts before anybody is unlocked.
import type { Catalogue } from "../../i18n";

const zhCN = {
  unlockTitle: "解锁",
  whoAreYou: "选择员工",
  pin: "PIN",
  unlock: "解锁",
  noStaff: "后端还没有把员工名单发到本机。联网一次后再试。",
  lease: (at: string) => `租约至 ${at}`,
  leaseEnded: "租约已到期：可以开单和登记回款，不能离线出码或用预存款。联网一次即续。",
  wait: (seconds: number) => `请等 ${seconds} 秒`,
  notEnrolled: "本机还没有登记",
  notEnrolledDetail: "登记把这台电脑和企业的中心后端连起来，只需一次。请按下面做：",
  enrolSteps: [
    "请管理员在后端为这台终端生成一个一次性登记码（10 分钟内有效）。",
    "关闭这个窗口。",
    "在命令行用后端地址和登记码启动本程序：",
  ],
  fatal: "程序现在不能工作",
  fatalSafe: "程序没有删除或改动任何文件。",
  wayOut: "怎么办",
  file: "文件",
  retry: "重试",
  ways: {
    corrupt_file: ["先把这个文件整个复制到别处保存。", "请管理员从备份恢复，或重新登记这台终端；已同步的内容都在后端。"],
    disk_full: ["删除或移走这个磁盘上不用的文件，至少腾出 100 MB。", "然后按“重试”。"],
    read_only: ["检查这个文件和所在文件夹的写权限。", "或关闭程序，用 --data 指定另一个可写的文件夹再启动。", "然后按“重试”。"],
    already_running: ["切换到已经打开的 Fieldtill 窗口。", "如果看不到它，结束那个进程后按“重试”。"],
    other: ["按“重试”。", "如果仍然不行，关闭程序再启动，并把下面的编号告诉管理员。"],
  },
};

const en = {
  unlockTitle: "Unlock",
  whoAreYou: "Who are you?",
  pin: "PIN",
  unlock: "Unlock",
  noStaff: "The backend has not sent this terminal its staff yet. Try again after one contact.",
  lease: (at: string) => `Lease until ${at}`,
  leaseEnded: "The lease has run out: orders and collections can be recorded; no offline QR and no deposit. One contact renews it.",
  wait: (seconds: number) => `Wait ${seconds} s`,
  notEnrolled: "This computer is not enrolled",
  notEnrolledDetail: "Enrolling connects this computer with the company's backend, once. How:",
  enrolSteps: [
    "Ask an administrator for a one-time enrolment code for this terminal (valid for 10 minutes).",
    "Close this window.",
    "Start the program from the command line with the backend's address and the code:",
  ],
  fatal: "The program can't work now",
  fatalSafe: "The program neither deleted nor changed any file.",
  wayOut: "What to do",
  file: "File",
  retry: "Try again",
  ways: {
    corrupt_file: ["Copy this whole file to another place first.", "Ask an administrator to restore it from a backup, or to enrol this terminal again; what was synced is at the backend."],
    disk_full: ["Delete or move files you don't need from this disk, at least 100 MB.", "Then press \"Try again\"."],
    read_only: ["Check that this file and its folder can be written.", "Or close the program and start it with --data and another folder.", "Then press \"Try again\"."],
    already_running: ["Switch to the Fieldtill window that is open.", "If there is none to be seen, end that process and press \"Try again\"."],
    other: ["Press \"Try again\".", "If that does not help, start the program anew, and tell an administrator the number below."],
  },
} satisfies typeof zhCN;

export const messages: Catalogue<typeof zhCN> = { "zh-CN": zhCN, en };
