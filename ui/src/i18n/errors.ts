/// Every refusal in words: what happened, to what, and what to do. One catalogue for all screens, so
/// that a code the core adds fails `tsc` until it has a text in both languages.
import type { ErrorCode } from "../api/client";
import type { Role } from "../api/generated";
import { formatMoney } from "../money";
import { type Catalogue, textOf } from "./index";
import { words } from "./words";
import { problems } from "../features/console/messages";

type ParamsOf<K> = Extract<ErrorCode, { code: K }> extends { params: infer P } ? P : Record<never, never>;
type Texts = { [K in ErrorCode["code"]]: (params: ParamsOf<K>) => string };

const role = (of: Role): string => textOf(words).roles[of];
const fieldName = (name: string): string => {
  const names: Record<string, string> = textOf(words).orderFields;
  return names[name] ?? name;
};
const thing = (what: string): string => {
  const names: Record<string, string> = textOf(words).things;
  return names[what] ?? what;
};

/** `row 3: code`, `line 2`, or a field's name. */
function fieldZh(field: string): string {
  const row = /^row (\d+): (code|quantity)$/.exec(field);
  if (row !== null) return `第 ${row[1]} 行的${row[2] === "code" ? "编码（没有这个产品）" : "数量"}`;
  const line = /^line (\d+)$/.exec(field);
  return line === null ? thing(field) : `第 ${line[1]} 行`;
}

function fieldEn(field: string): string {
  const row = /^row (\d+): (code|quantity)$/.exec(field);
  if (row !== null) return `the ${row[2] === "code" ? "code (no such product)" : "quantity"} in row ${row[1]}`;
  const line = /^line (\d+)$/.exec(field);
  return line === null ? thing(field) : `line ${line[1]}`;
}

const zhCN = {
  empty_order: () => "订单还没有产品。先加一行。",
  too_many_lines: ({ max }) => `一张订单最多 ${max} 行。请分成两张。`,
  arithmetic_differs: ({ row }) => `第 ${row} 行的金额与数量、单价、折扣不符。请重新录入这一行。`,
  amount_too_large: ({ row }) => (row === 0 ? "金额超出范围。请减少数量或单价。" : `第 ${row} 行的金额超出范围。请减少数量或单价。`),
  discount_too_large: () => "折扣大于金额。请减少折扣。",
  negative_total: () => "订单合计小于零，不能提交。",
  conflict: ({ held }) => `单据已被别处改为第 ${held} 版。请看过新版本后再改。`,
  order_not_open: () => "订单已关闭或已作废，不能再改。",
  distributor_changed: () => "已提交的订单不能更换经销商。请复制为新单。",
  amount_not_positive: () => "金额必须大于零。",
  method_not_recordable: () => "在线收到的钱由系统入账，不能手工登记。",
  deposit_pays_orders_only: () => "预存款只能用来付订单。",
  allocation_on_deposit: () => "预存款充值不能分配到订单。",
  over_allocated: () => "分配的金额多于收到的金额。请减少分配。",
  order_twice: () => "同一张订单分配了两次。请合并成一行。",
  not_allowed: ({ role: of }) => `${role(of)}没有这项权限。请换有权限的人操作。`,
  same_person: () => "自己登记或申请的，不能由自己确认。请由另一个人处理。",
  unknown_staff: () => "没有这位员工，或已停用。",
  not_found: ({ what }) => `找不到${thing(what)}，可能已被删除或尚未同步。`,
  already_exists: ({ what }) => `${thing(what)}已存在，没有重复保存。`,
  already_decided: () => "这笔单据已经有人处理过了。",
  bad_ticket: () => "支付凭据无效或已被使用。请重新出码。",
  expired: () => "二维码已过期。请重新出码。",
  order_frozen: () => "订单正在收款，不能改动。先等付款结束，或取消收款。",
  button_hidden: () => "按管理员设置的条件，这张订单不显示收款按钮。",
  nothing_owed: () => "这张订单没有未付金额。",
  bad_slip: ({ problem }) =>
    ({
      not_a_photo: "凭证要用 JPEG 或 PNG 照片。",
      too_large: "照片文件太大（最多 20 MB）。请重新拍一张，或先缩小。",
      too_many_pixels: "照片的像素太多。请重新拍一张，或先缩小。",
      unreadable: "照片文件已损坏，读不出来。请重新拍一张。",
    })[problem],
  already_asked: () => "这张订单没有可再收的金额：已有有效的二维码，或有待核验的款项。请用已有的二维码，或等它有结果。",
  deposit_short: ({ available_fen }) => `预存款不够：本机可用 ${formatMoney(available_fen)}。其余请扫码收款。`,
  online_payment_off: () => "企业没有开启在线支付，或没有绑定企业钱包。请联系管理员。",
  no_ticket: () => "离线支付凭据用完了。联网一次就会补发。",
  lease_ended: () => "租约已到期，离线不能做这件事。联网一次即可续期。",
  locked: () => "终端已锁定。请先解锁。",
  wrong_pin: ({ wait_s }) => (wait_s === 0 ? "PIN 不对，请再试。" : `PIN 不对。请等 ${wait_s} 秒再试。`),
  bad_proof: ({ tries_left }) => (tries_left === 0 ? "回执码不对，这张凭据已锁定。请等联网后由后端确认。" : `回执码不对，还可以试 ${tries_left} 次。请核对对方手机上的回执码。`),
  not_enrolled: () => "本机还没有登记到后端。",
  bad_enrolment_code: () => "登记码不对、已用过或已过期。请管理员再发一个。",
  unreachable: () => "连不上后端，而这件事需要它。已保存的内容不受影响，请稍后再试。",
  bad_field: ({ field }) => (field === "distributor" ? "还没有选经销商。按 F3 选一个。" : `不能接受：${fieldZh(field)}。请改正后再试。`),
  damaged: () => "签名或校验链不对，内容可能已损坏。它没有被采用，请联系管理员。",
  unknown_version: ({ kind }) => `这个版本不认识“${kind}”。请升级程序。`,
  disk_full: ({ file }) => `磁盘已满，写不进 ${file}。请腾出空间后重试；已保存的内容没有丢失。`,
  read_only: ({ file }) => `不能写入 ${file}。请检查这个文件夹的权限，或换一个文件夹启动。`,
  corrupt_file: ({ file }) => `数据库文件 ${file} 已损坏，或不是本程序的文件。程序没有删除或改动它。请先复制保存，再联系管理员恢复。`,
  already_running: () => "本机已有一个 Fieldtill 在运行。请切换到那个窗口。",
  bad_condition: ({ field, problem }) => `条件不能使用${field === "" ? "" : `（${fieldName(field)}）`}：${textOf(words).conditionProblems[problem]}`,
  internal: ({ trace }) => `程序内部出错，这次操作没有完成。请把编号 ${trace} 告诉管理员。`,
  not_refundable: () => "只有已入账的在线收款能原路退回；现金、转账、支票请当面或转账退还。",
  refund_too_large: ({ left_fen }) => `可退金额不够：最多还能退 ${formatMoney(left_fen)}。`,
  not_matchable: () => "这笔钱不能放到那里，或已有归属。请刷新后再看。",
  match_too_large: ({ left_fen }) => `没有这么多可动用：最多 ${formatMoney(left_fen)}。`,
  money_still_open: ({ open_fen }) => `还有 ${formatMoney(open_fen)} 没有归属，这一项不能手工关闭。请先处理这笔钱。`,
  review_still_open: () => "这项操作还在等复核，放行或驳回后才会关闭。",
  bad_config: ({ field, problem }) => `配置没有保存：${textOf(problems)[problem]}（${field}）。`,
  wallet_limit: ({ merchant_no }) => `这个渠道已有使用中的账户 ${merchant_no}。请刷新后确认替换它。`,
  wallet_not_tested: () => "还没有通过自检，不能启用。请先自检。",
  channel_refused: ({ reason }) => `支付渠道拒绝了（${reason}）。请核对商户号、应用编号和密钥。`,
  channel_silent: ({ reason }) => `支付渠道没有给出可验证的回答（${reason}）。请核对公钥和网络后再试。`,
  rejected_in_review: ({ reason }) => `财务审核后驳回：${reason}`,
  review_reject_only: () => "审批、确认和管理员的操作不能放行，只能驳回；由有权的人重新做一次。",
  builds_on_unapplied: () => "它建立在还没有生效的操作上。请先放行前一项；前一项被驳回时，这一项也只能驳回。",
  seal_expired: () => "这次加密传输已过期或已用过。请再保存一次。",
  changed_meanwhile: () => "您看过之后已被别人修改。请看过现有内容后再改。",
  approval_needed: ({ why }) =>
    why === "below_floor" ? "有产品低于最低价，订单要等财务主管批准。" : why === "over_credit" ? "超出经销商的信用额度，订单要等财务主管批准。" : "订单要先由财务主管批准，才能收款。请用 F12 提交。",
  offline_proof_limit: ({ left_fen }) => `本机凭离线凭证放行的金额已到上限，还能放行 ${formatMoney(left_fen)}。请先联网确认到账。`,
  amount_outside_limits: ({ least_fen, most_fen }) =>
    `没有支付渠道接受这个金额${least_fen === "" ? "" : `，最低 ${formatMoney(least_fen)}`}${most_fen === "" ? "" : `，最高 ${formatMoney(most_fen)}`}。`,
  config_waiting: () => "上一次修改还在等后端裁定。联网有了结果后再改。",
  last_admin: () => "这是最后一位在职的管理员，不能改。请先任命另一位管理员。",
  bad_bill: ({ file, line, column, problem, value, wanted }) =>
    `账单 ${file}${line === 0 ? "" : `第 ${line} 行`}${column === "" ? "" : `“${column}”栏`}：${{
      too_large: "文件太大，或压缩得过分，不是账单。窗口里最多导入 24 MB，更大的请在后端导入。",
      archive: "压缩文件已损坏，打不开。请重新下载。",
      no_entry: "压缩包里缺一个文件。请重新下载。",
      encoding: `不是 ${wanted} 文本。请重新下载，不要用表格软件另存。`,
      no_column: "缺这一栏。交易账单要下载“全部”类型，并保持原样。",
      two_columns: "这一栏出现了两次。请重新下载。",
      fields: `有 ${value} 个字段，应有 ${wanted} 个，这一行被截断或损坏。`,
      no_mark: "值前面没有 ` 号，这一行已损坏。",
      cut: "文件被截断了。请重新下载。",
      unexpected: `“${value}”不该在这里。请重新下载。`,
      value: `“${value}”不是这一栏应有的内容；日期不对时，请核对账单是哪一天的。`,
      twice: `${value} 出现了两次。请重新下载。`,
      sum: `各行合计 ${value}，账单写的是 ${wanted}，有行缺失或被改动。`,
    }[problem]}`,
  bill_of_other: ({ merchant_no }) => `这份账单是商户号 ${merchant_no} 的，不是所选账户的。请下载所选账户的账单。`,
  bill_not_ready: () => "渠道还没有这一天的账单。次日 10:00 后再取；有交易却取不到的，会每半小时再试。",
  trade_bill_first: () => "资金账单要与同一天的交易账单核对。请先取回或导入交易账单。",
  bridge_unreachable: () => "连不上终端程序。请确认它在运行。",
} satisfies Texts;

const en = {
  empty_order: () => "The order has no products yet. Add a line first.",
  too_many_lines: ({ max }) => `An order has at most ${max} lines. Split it in two.`,
  arithmetic_differs: ({ row }) => `The amount of line ${row} is not what its quantity, price and discount give. Enter that line again.`,
  amount_too_large: ({ row }) => (row === 0 ? "The amount is out of range. Lower quantity or price." : `The amount of line ${row} is out of range. Lower its quantity or price.`),
  discount_too_large: () => "The discount is larger than the amount. Lower it.",
  negative_total: () => "The order's total is below zero and can't be submitted.",
  conflict: ({ held }) => `The document was changed elsewhere to revision ${held}. Look at that one before changing it.`,
  order_not_open: () => "The order is closed or cancelled and can't be changed.",
  distributor_changed: () => "A submitted order keeps its distributor. Copy it as a new one.",
  amount_not_positive: () => "The amount must be above zero.",
  method_not_recordable: () => "Money that comes online is booked by the system, never recorded by hand.",
  deposit_pays_orders_only: () => "A deposit pays orders only.",
  allocation_on_deposit: () => "A deposit top-up can't be allocated to orders.",
  over_allocated: () => "More is allocated than was received. Lower an allocation.",
  order_twice: () => "The same order is allocated twice. Put it in one row.",
  not_allowed: ({ role: of }) => `${role(of)} may not do this. Ask somebody who may.`,
  same_person: () => "Nobody decides what they recorded or asked for. Somebody else must.",
  unknown_staff: () => "This member of staff is unknown or inactive.",
  not_found: ({ what }) => `The ${thing(what)} can't be found: deleted, or not synced yet.`,
  already_exists: ({ what }) => `The ${thing(what)} exists already; it was not saved twice.`,
  already_decided: () => "This was decided before.",
  bad_ticket: () => "The payment ticket is invalid or used. Show a new QR.",
  expired: () => "The QR has expired. Show a new one.",
  order_frozen: () => "The order is being paid and can't be changed. Wait for the payment, or cancel it.",
  button_hidden: () => "By the administrator's conditions this order has no payment button.",
  nothing_owed: () => "Nothing is owed on this order.",
  bad_slip: ({ problem }) =>
    ({
      not_a_photo: "A slip must be a JPEG or PNG photo.",
      too_large: "The photo's file is too large (20 MB at most). Take another, or make it smaller first.",
      too_many_pixels: "The photo has too many pixels. Take another, or make it smaller first.",
      unreadable: "The photo's file is damaged and can't be read. Take another.",
    })[problem],
  already_asked: () => "Nothing more can be asked on this order: a QR is live, or money is waiting. Use that QR, or wait for the outcome.",
  deposit_short: ({ available_fen }) => `The deposit is short: ${formatMoney(available_fen)} can be used here. Ask for the rest by QR.`,
  online_payment_off: () => "Online payment is switched off or no wallet is bound. Ask an administrator.",
  no_ticket: () => "No offline payment tickets are left. One contact with the backend brings new ones.",
  lease_ended: () => "The lease has run out, so this can't be done offline. One contact renews it.",
  locked: () => "The terminal is locked. Unlock it first.",
  wrong_pin: ({ wait_s }) => (wait_s === 0 ? "Wrong PIN. Try again." : `Wrong PIN. Wait ${wait_s} s before the next try.`),
  bad_proof: ({ tries_left }) => (tries_left === 0 ? "Wrong receipt code; this ticket is locked now. Wait for the backend's word." : `Wrong receipt code; ${tries_left} tries left. Compare it with the payer's phone.`),
  not_enrolled: () => "This terminal is not enrolled.",
  bad_enrolment_code: () => "The enrolment code is wrong, used or too old. Ask an administrator for another.",
  unreachable: () => "The backend can't be reached, and this needs it. What was saved is safe; try again later.",
  bad_field: ({ field }) => (field === "distributor" ? "No distributor is chosen. Press F3 to choose one." : `Not accepted: ${fieldEn(field)}. Correct it and try again.`),
  damaged: () => "A signature or the chain did not verify; the content may be damaged. It was not used. Tell an administrator.",
  unknown_version: ({ kind }) => `This version does not know "${kind}". Upgrade the program.`,
  disk_full: ({ file }) => `The disk is full: ${file} can't be written. Free some space and try again; nothing that was saved is lost.`,
  read_only: ({ file }) => `${file} can't be written. Check the folder's permissions, or start with another folder.`,
  corrupt_file: ({ file }) => `The database file ${file} is damaged or not ours. The program neither deleted nor changed it. Make a copy, then ask an administrator to restore it.`,
  already_running: () => "Fieldtill is running on this computer already. Switch to that window.",
  bad_condition: ({ field, problem }) => `The condition${field === "" ? "s" : ` on ${fieldName(field)}`} can't be used: ${textOf(words).conditionProblems[problem]}`,
  internal: ({ trace }) => `Something failed inside the program and this was not done. Tell an administrator the number ${trace}.`,
  not_refundable: () => "Only booked online payments go back to their source. Give cash, transfers and cheques back by hand.",
  refund_too_large: ({ left_fen }) => `That is more than can go back: at most ${formatMoney(left_fen)}.`,
  not_matchable: () => "This money can't be put there, or is somebody's already. Look at it again.",
  match_too_large: ({ left_fen }) => `That is more than there is: at most ${formatMoney(left_fen)}.`,
  money_still_open: ({ open_fen }) => `${formatMoney(open_fen)} of this has no home yet, so the item can't be closed by hand. Place the money first.`,
  review_still_open: () => "This work waits for a review. Releasing or rejecting it closes the item.",
  bad_config: ({ field, problem }) => `The configuration was not saved: ${textOf(problems)[problem]} (${field}).`,
  wallet_limit: ({ merchant_no }) => `The channel has an active account already, ${merchant_no}. Look again and confirm that it is replaced.`,
  wallet_not_tested: () => "It has not passed its self-test. Run the self-test first.",
  channel_refused: ({ reason }) => `The channel refused (${reason}). Check merchant number, app id and keys.`,
  channel_silent: ({ reason }) => `The channel gave no answer that could be verified (${reason}). Check its public key and the network, then try again.`,
  rejected_in_review: ({ reason }) => `Finance reviewed it and rejected it: ${reason}`,
  review_reject_only: () => "Approvals, confirmations and an administrator's acts can't be released, only rejected; whoever may does them again.",
  builds_on_unapplied: () => "It builds on work that is not in effect. Release that first; if that was rejected, this can only be rejected too.",
  seal_expired: () => "This sealed message is too old or was used. Save once more.",
  changed_meanwhile: () => "Somebody changed it since you looked. See what it is now, then change it.",
  approval_needed: ({ why }) =>
    why === "below_floor" ? "A product is below its floor price: the order waits for a head of finance." : why === "over_credit" ? "Beyond the distributor's credit limit: the order waits for a head of finance." : "The order has to be approved by a head of finance before money is asked for. Submit it with F12.",
  offline_proof_limit: ({ left_fen }) => `This terminal has let enough go on offline proofs; ${formatMoney(left_fen)} may still go. Reach the backend first.`,
  amount_outside_limits: ({ least_fen, most_fen }) =>
    `No channel takes this amount${least_fen === "" ? "" : `; at least ${formatMoney(least_fen)}`}${most_fen === "" ? "" : `; at most ${formatMoney(most_fen)}`}.`,
  config_waiting: () => "The last change still waits for the backend. Change again once it has answered.",
  last_admin: () => "This is the last administrator who works here. Make somebody else one first.",
  bad_bill: ({ file, line, column, problem, value, wanted }) =>
    `Bill ${file}${line === 0 ? "" : `, line ${line}`}${column === "" ? "" : `, column ${column}`}: ${{
      too_large: "too large, or packed too far, for a bill. A window imports 24 MB at most; import larger ones at the backend.",
      archive: "the archive is damaged and can't be opened. Download it again.",
      no_entry: "the archive lacks a file. Download it again.",
      encoding: `not ${wanted} text. Download it again, and don't save it from a spreadsheet.`,
      no_column: "this column is missing. Take the trade bill of type ALL, as the channel wrote it.",
      two_columns: "this column stands twice. Download it again.",
      fields: `${value} fields instead of ${wanted}; the line is cut or damaged.`,
      no_mark: "the value has no ` before it; the line is damaged.",
      cut: "the file is cut. Download it again.",
      unexpected: `“${value}” does not belong here. Download it again.`,
      value: `“${value}” is not what belongs in this column; if it is a date, check which day the bill is of.`,
      twice: `${value} stands twice. Download it again.`,
      sum: `the rows add up to ${value}, the bill says ${wanted}; a row is missing or altered.`,
    }[problem]}`,
  bill_of_other: ({ merchant_no }) => `This bill is of merchant account ${merchant_no}, not of the one chosen. Download the chosen account's.`,
  bill_not_ready: () => "The channel does not have that day's bill yet. Fetch it after 10:00 of the next day; a late one is asked for every half hour.",
  trade_bill_first: () => "A fund-flow bill is matched with the trade bill of its day. Fetch or import that one first.",
  bridge_unreachable: () => "The terminal program can't be reached. Check that it is running.",
} satisfies Texts;

const catalogue: Catalogue<Texts> = { "zh-CN": zhCN, en };

/** A refusal in the language in force. */
export function errorText(why: ErrorCode): string {
  const text = textOf(catalogue)[why.code] as ((params: unknown) => string) | undefined;
  // A core newer than this window may know more codes.
  return text?.("params" in why ? why.params : {}) ?? why.code;
}
