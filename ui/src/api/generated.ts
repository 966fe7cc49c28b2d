// Generated from the terminal's list of commands; `cargo xtask gen` writes it anew.

export type AllocateSuggest = { 
/**
 * Whose orders.
 */
distributor: DistributorId, 
/**
 * How much there is.
 */
amount_fen: string, };

export type Allocation = { 
/**
 * Which order.
 */
order: OrderId, 
/**
 * How much of it.
 */
amount_fen: string, };

export type AllocationRow = { 
/**
 * Which order.
 */
order: OrderId, 
/**
 * Its number.
 */
number: string, 
/**
 * When it was made.
 */
ordered_at: Timestamp, 
/**
 * What is owed on it by the backend's books.
 */
owed_fen: string, 
/**
 * What else already waits for it.
 */
waiting_fen: string, 
/**
 * The suggested part.
 */
amount_fen: string, };

export type AllocationSuggestion = { 
/**
 * Open orders, oldest first.
 */
rows: Array<AllocationRow>, 
/**
 * What pays none of them.
 */
rest_fen: string, 
/**
 * The date of the orders it was made from.
 */
as_of: Timestamp | null, };

export type AmountLimit = { 
/**
 * At least.
 */
least_fen: string | null, 
/**
 * At most.
 */
most_fen: string | null, };

export type ApprovalReason = "below_floor" | "over_credit";

export type AttentionCloseInput = { 
/**
 * Which.
 */
attention: AttentionId, 
/**
 * How it was dealt with, or why it is accepted.
 */
reason: string, };

export type AttentionId = string;

export type AttentionItem = { "item": "operation", 
/**
 * Which.
 */
op_id: OpId, 
/**
 * What was done.
 */
kind: string, 
/**
 * `rejected` or `applied_with_difference`.
 */
verdict: string, 
/**
 * Why.
 */
reason: Code | null, 
/**
 * When it was done.
 */
at: Timestamp, } | { "item": "backend", 
/**
 * Which.
 */
id: AttentionId, 
/**
 * What happened, as a stable word.
 */
kind: string, 
/**
 * Whose money, where known.
 */
distributor: DistributorId | null, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * What it names.
 */
subject: string, 
/**
 * When it arose.
 */
at: Timestamp, 
/**
 * The money that it is about, where it is about money that must find a home.
 */
concern: Concern | null, 
/**
 * It is being closed here and the backend has not said so yet.
 */
closing: boolean, };

export type Basis = { "revision": number } | { "operation": OpId };

export type BillDone = { 
/**
 * How it stands.
 */
view: BillView, 
/**
 * Payments that nobody here had heard of, and that the channel's answer booked.
 */
settled: number, 
/**
 * How many things were met in the file and not read; the backend's log names them.
 */
warnings: number, };

export type BillEntry = { 
/**
 * Which.
 */
key: BillKey, 
/**
 * What became of it; `None` when it is missing.
 */
matched: BillMatched | null, };

export type BillFault = "too_large" | "archive" | "no_entry" | "encoding" | "no_column" | "two_columns" | "fields" | "no_mark" | "cut" | "unexpected" | "value" | "twice" | "sum";

export type BillFetch = { 
/**
 * Which.
 */
key: BillKey, };

export type BillImport = { 
/**
 * Which bill it is.
 */
key: BillKey, 
/**
 * The file's name, for errors and for the record.
 */
name: string, 
/**
 * Its bytes in base64.
 */
content: string, };

export type BillItemView = { 
/**
 * Names it within the bill.
 */
key: string, 
/**
 * What it is about.
 */
money: BillMoney, 
/**
 * How it stands.
 */
found: Found, 
/**
 * Our number of the attempt or of the refund; empty when the bill names none.
 */
number: string, 
/**
 * The channel's number.
 */
provider_no: string, 
/**
 * What the first source says.
 */
here_fen: string | null, 
/**
 * What the bill says; below zero where money left the account.
 */
there_fen: string | null, 
/**
 * What the channel kept of it by the trade bill.
 */
fee_fen: string | null, 
/**
 * The channel's words for it; empty in a trade bill.
 */
note: string, 
/**
 * Whether it is before a person still; `None` when it never was.
 */
open: boolean | null, };

export type BillKey = { 
/**
 * Which channel's.
 */
channel: Channel, 
/**
 * Of which merchant account.
 */
merchant_no: string, 
/**
 * Of which day in Beijing, `2026-11-24`.
 */
day: string, 
/**
 * Which of that day's.
 */
bill: BillType, };

export type BillMatched = { 
/**
 * When, the last time.
 */
at: Timestamp, 
/**
 * How it came.
 */
origin: BillOrigin, 
/**
 * What it comes to.
 */
summary: BillSummary, 
/**
 * Differences that are before a person still.
 */
open: number, };

export type BillMoney = "payment" | "refund" | "fee" | "other";

export type BillOrigin = { 
/**
 * The file that it was read from; `None` when it was fetched.
 */
file: string | null, 
/**
 * Who asked for it or imported it.
 */
staff: StaffId | null, 
/**
 * At which terminal.
 */
terminal: TerminalId | null, };

export type BillSummary = { 
/**
 * Rows of payments.
 */
payments: number, 
/**
 * Rows of refunds.
 */
refunds: number, 
/**
 * Items by how they stand.
 */
found: Partial<Record<Found, number>>, 
/**
 * What came, before fees and refunds.
 */
gross_fen: string, 
/**
 * What went back.
 */
refunded_fen: string, 
/**
 * What the channel kept.
 */
fee_fen: string, 
/**
 * Of a fund-flow bill: what came in and went out besides, below zero when more went out.
 */
other_fen: string, 
/**
 * Of a fund-flow bill: what the account held at the day's end.
 */
balance_fen: string | null, };

export type BillType = "trade" | "fund_flow";

export type BillView = { 
/**
 * Which, and how it stands.
 */
entry: BillEntry, 
/**
 * Its sums.
 */
items: Array<BillItemView>, 
/**
 * How many more there are than are told.
 */
left_out: number, };

export type BindingDetails = { 
/**
 * With which channel.
 */
channel: Channel, 
/**
 * WeChat Pay's mchid, Alipay's seller id.
 */
merchant_no: string, 
/**
 * The app that orders are placed with.
 */
app_id: string, 
/**
 * The account holder's legal name.
 */
holder: string, 
/**
 * The holder's unified social credit code; empty when it is not given.
 */
credit_code: string, };

export type BindingStatus = "draft" | "failed" | "tested" | "active" | "retired";

export type BindingView = { 
/**
 * Which; `None` when it came from the operator's wallet file.
 */
binding: WalletBindingId | null, 
/**
 * Whose.
 */
details: BindingDetails, 
/**
 * How far it is.
 */
status: BindingStatus, 
/**
 * Why the last self-test failed.
 */
refused: Code | null, 
/**
 * When the self-test was last made.
 */
tested_at: Timestamp | null, 
/**
 * Who saved it.
 */
saved_by: StaffId | null, 
/**
 * When.
 */
saved_at: Timestamp | null, };

export type Bindings = { 
/**
 * A WeChat Pay merchant account is bound and active.
 */
wechat_pay: boolean, 
/**
 * An Alipay merchant account is bound and active.
 */
alipay: boolean, };

export type BulkRow = { 
/**
 * Which order.
 */
order: OrderId, 
/**
 * Its number.
 */
number: string, 
/**
 * Who buys.
 */
distributor_name: string, 
/**
 * What could be asked for it.
 */
asked_fen: string, 
/**
 * The intent that asks for it, with others of the same distributor; `None` if it is refused.
 */
intent: IntentId | null, 
/**
 * Why it is not asked for.
 */
refused: Code | null, };

export type Button = { 
/**
 * Of which object.
 */
object: ButtonObject, 
/**
 * Which one.
 */
name: ButtonName, 
/**
 * What stands on it in Chinese.
 */
label_zh: string, 
/**
 * What stands on it in English.
 */
label_en: string, 
/**
 * Where it stands.
 */
placements: Array<Placement>, 
/**
 * Who sees it.
 */
roles: Array<Role>, 
/**
 * On which documents it shows; none for all.
 */
conditions: Conditions, 
/**
 * Whether it shows on a document that is locked: frozen by a live ask, closed or cancelled.
 */
show_when_locked: boolean, };

export type ButtonName = "online_payment" | "qr_code_payment";

export type ButtonObject = "sales_order" | "payment_collection";

export type ButtonView = { 
/**
 * Which.
 */
name: ButtonName, 
/**
 * What stands on it in Chinese.
 */
label_zh: string, 
/**
 * What stands on it in English.
 */
label_en: string, };

export type ButtonsInput = { 
/**
 * Of which object.
 */
object: ButtonObject, 
/**
 * Where.
 */
placement: Placement, 
/**
 * On which orders; empty where no document is at hand.
 */
orders: Array<OrderId>, };

export type ButtonsView = { 
/**
 * Those that this person may see at this place at all.
 */
buttons: Array<ButtonView>, 
/**
 * Those that show on each of the orders.
 */
orders: Array<OrderButtons>, };

export type CatalogueChangeInput = { 
/**
 * As it was looked at; `None` for something new.
 */
before: CatalogueItem | null, 
/**
 * As it is to be.
 */
after: CatalogueItem, };

export type CatalogueItem = { "item": "product", "body": Product } | { "item": "price_book", "body": PriceBook } | { "item": "price", "body": Price } | { "item": "distributor", "body": Distributor };

export type CatalogueList = { 
/**
 * Part of a code or name; empty for all.
 */
query: string, 
/**
 * Only what stands behind this code; `None` for the first page.
 */
after: string | null, 
/**
 * At most how many rows.
 */
limit: number, };

export type Channel = "wechat_pay" | "alipay";

export type ChannelReason = "not_on_this_surface" | "binding_required" | "mini_program_required" | "owner_mismatch";

export type ChannelRefusal = { 
/**
 * Which channel.
 */
channel: Channel, 
/**
 * Why not.
 */
reason: ChannelReason, };

export type ChannelsAnswer = { 
/**
 * To be offered, in this order.
 */
offered: Array<Channel>, 
/**
 * Not to be offered.
 */
refused: Array<ChannelRefusal>, };

export type Code = { "code": "empty_order" } | { "code": "too_many_lines", "params": { 
/**
 * How many it may have.
 */
max: number, } } | { "code": "arithmetic_differs", "params": { 
/**
 * Which line, from 1.
 */
row: number, } } | { "code": "amount_too_large", "params": { 
/**
 * Which line, from 1; 0 when it is no line's.
 */
row: number, } } | { "code": "discount_too_large" } | { "code": "negative_total" } | { "code": "conflict", "params": { 
/**
 * The revision that is held.
 */
held: number, } } | { "code": "order_not_open" } | { "code": "distributor_changed" } | { "code": "amount_not_positive" } | { "code": "method_not_recordable" } | { "code": "deposit_pays_orders_only" } | { "code": "allocation_on_deposit" } | { "code": "over_allocated" } | { "code": "order_twice" } | { "code": "not_allowed", "params": { 
/**
 * The role that tried.
 */
role: Role, } } | { "code": "same_person" } | { "code": "unknown_staff" } | { "code": "not_found", "params": { 
/**
 * The kind of thing.
 */
what: string, } } | { "code": "already_exists", "params": { 
/**
 * The kind of thing.
 */
what: string, } } | { "code": "already_decided" } | { "code": "bad_ticket" } | { "code": "expired" } | { "code": "order_frozen" } | { "code": "already_asked" } | { "code": "button_hidden" } | { "code": "nothing_owed" } | { "code": "bad_slip", "params": { 
/**
 * Why.
 */
problem: SlipProblem, } } | { "code": "deposit_short", "params": { 
/**
 * What is there, in fen.
 */
available_fen: string, } } | { "code": "online_payment_off" } | { "code": "amount_outside_limits", "params": { 
/**
 * The least that one of them takes, in fen; empty when there is no such limit.
 */
least_fen: string, 
/**
 * The most that one of them takes, in fen; empty when there is no such limit.
 */
most_fen: string, } } | { "code": "no_ticket" } | { "code": "lease_ended" } | { "code": "locked" } | { "code": "wrong_pin", "params": { 
/**
 * Seconds to wait before the next try.
 */
wait_s: number, } } | { "code": "bad_proof", "params": { 
/**
 * Tries left before the ticket locks.
 */
tries_left: number, } } | { "code": "not_enrolled" } | { "code": "bad_enrolment_code" } | { "code": "unreachable" } | { "code": "bad_field", "params": { 
/**
 * The field's name.
 */
field: string, } } | { "code": "damaged" } | { "code": "unknown_version", "params": { 
/**
 * The kind.
 */
kind: string, } } | { "code": "disk_full", "params": { 
/**
 * The file that could not be written.
 */
file: string, } } | { "code": "read_only", "params": { 
/**
 * Which.
 */
file: string, } } | { "code": "corrupt_file", "params": { 
/**
 * Which.
 */
file: string, } } | { "code": "already_running" } | { "code": "bad_condition", "params": { 
/**
 * The field that it names; empty when it is about the whole set.
 */
field: string, 
/**
 * What is wrong.
 */
problem: ConditionProblem, } } | { "code": "internal", "params": { 
/**
 * A number to find it in the log by.
 */
trace: string, } } | { "code": "not_refundable" } | { "code": "refund_too_large", "params": { 
/**
 * What could go back, in fen.
 */
left_fen: string, } } | { "code": "not_matchable" } | { "code": "match_too_large", "params": { 
/**
 * What could be moved, in fen.
 */
left_fen: string, } } | { "code": "money_still_open", "params": { 
/**
 * How much of it, in fen.
 */
open_fen: string, } } | { "code": "review_still_open" } | { "code": "bad_config", "params": { 
/**
 * The path of the field.
 */
field: string, 
/**
 * What is wrong with it.
 */
problem: ConfigProblem, } } | { "code": "config_waiting" } | { "code": "last_admin" } | { "code": "wallet_limit", "params": { 
/**
 * The account that is active.
 */
merchant_no: string, } } | { "code": "wallet_not_tested" } | { "code": "channel_refused", "params": { 
/**
 * The channel's own code.
 */
reason: string, } } | { "code": "channel_silent", "params": { 
/**
 * What is known about it.
 */
reason: string, } } | { "code": "seal_expired" } | { "code": "changed_meanwhile" } | { "code": "approval_needed", "params": { 
/**
 * Why; `None` for one that waits already.
 */
why: ApprovalReason | null, } } | { "code": "offline_proof_limit", "params": { 
/**
 * What may still go, in fen.
 */
left_fen: string, } } | { "code": "bad_bill", "params": { 
/**
 * The file, or the entry of an archive.
 */
file: string, 
/**
 * The line, from 1; 0 for the whole file.
 */
line: number, 
/**
 * The column's name; empty for the whole line.
 */
column: string, 
/**
 * What is wrong there.
 */
problem: BillFault, 
/**
 * What stands there; empty when nothing does.
 */
value: string, 
/**
 * What should, where that is a figure; empty otherwise.
 */
wanted: string, } } | { "code": "bill_of_other", "params": { 
/**
 * Whose it is.
 */
merchant_no: string, } } | { "code": "bill_not_ready" } | { "code": "trade_bill_first" } | { "code": "rejected_in_review", "params": { 
/**
 * Why, as typed.
 */
reason: string, } } | { "code": "builds_on_unapplied" } | { "code": "review_reject_only" };

export type CollectionId = string;

export type CollectionKey = { 
/**
 * Which.
 */
collection: CollectionId, };

export type CollectionList = { 
/**
 * Only those that wait for finance.
 */
under_review_only: boolean, 
/**
 * Only this distributor's.
 */
distributor: DistributorId | null, 
/**
 * Only what is older than this; `None` for the newest.
 */
before: Timestamp | null, 
/**
 * At most how many rows.
 */
limit: number, };

export type CollectionNew = { 
/**
 * Whose money.
 */
distributor: DistributorId, 
/**
 * What for.
 */
purpose: Purpose, 
/**
 * How it was paid.
 */
method: PaymentMethod, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * Which orders it pays.
 */
allocations: Array<Allocation>, 
/**
 * Free text, e.g. the cheque's number.
 */
note: string, 
/**
 * A photo of the slip: a JPEG or PNG file in base64.
 */
slip: string | null, };

export type CollectionRejectInput = { 
/**
 * Which.
 */
collection: CollectionId, 
/**
 * Why.
 */
reason: string, };

export type CollectionState = "under_review" | "confirmed" | "rejected";

export type CollectionView = { 
/**
 * The collection.
 */
collection: PaymentCollection, 
/**
 * Finance decided here and the backend has not said so yet.
 */
deciding: Deciding | null, 
/**
 * Own operations on it are pending.
 */
pending: boolean, 
/**
 * Why an own operation on it was refused or differs.
 */
attention: Code | null, };

export type CompanyMode = "normal" | "one_and_n";

export type Concern = { "kind": "collection", "id": CollectionId } | { "kind": "transaction_record", "id": TransactionRecordId } | { "kind": "suspense", "id": DistributorId };

export type Condition = { 
/**
 * Which field.
 */
field_name: string, 
/**
 * Which test.
 */
operator: Operator, 
/**
 * What to compare with, as text: money in fen, dates `2026-11-22`, points in time in
 * milliseconds, booleans `true` and `false`.
 */
field_values: Array<string>, };

export type ConditionProblem = "unknown_field" | "unknown_operator" | "operator_does_not_fit" | "wrong_number_of_values" | "bad_value" | "empty_range" | "empty_group" | "too_large";

export type Conditions = Array<Array<Condition>>;

export type Config = { 
/**
 * Whether orders and deposits may be paid online.
 */
online_payment_enabled: boolean, 
/**
 * Whether a payment collection may be made by online payment.
 */
collection_online_payment_enabled: boolean, 
/**
 * Decides which channels a surface offers; see [`crate::channel::channels`].
 */
mode: CompanyMode, 
/**
 * Which QR the pay sheet begins with.
 */
qr_mode: QrMode, 
/**
 * How long an ask can be paid, in seconds.
 */
intent_lifetime_s: number, 
/**
 * How much one payment may be.
 */
limits: PerChannel<AmountLimit>, 
/**
 * Whether the WeChat Pay account may take H5 payments: from a phone's browser outside WeChat.
 */
wechat_h5: boolean, 
/**
 * What the channels are said to charge; `None` is unknown.
 */
fees: PerChannel<FeeNote | null>, 
/**
 * What pages show.
 */
layouts: Layouts, 
/**
 * The preset buttons, each exactly once.
 */
buttons: Array<Button>, 
/**
 * The parts of the company: a tree.
 */
departments: Array<Department>, 
/**
 * How long a terminal works without the backend, in hours.
 */
lease_hours: number, 
/**
 * How much each terminal may let go on offline proofs that no money has confirmed yet.
 */
offline_proof_limit_fen: string, 
/**
 * Whether an order with a line below its product's floor price waits for approval.
 */
price_floor: boolean, 
/**
 * Whether an order that takes its distributor beyond the credit limit waits for approval.
 */
credit_block: boolean, };

export type ConfigChangeInput = { 
/**
 * The version that was looked at.
 */
on: number, 
/**
 * The configuration, whole.
 */
config: Config, };

export type ConfigEntry = { 
/**
 * The version.
 */
version: ConfigVersion, 
/**
 * Who decided it; empty when the program was set up with it.
 */
author_name: string, };

export type ConfigProblem = "no_wallet" | "needs_online_payment" | "required_hidden" | "required_readonly" | "out_of_range" | "preset_missing" | "not_a_preset" | "bad_label" | "no_placement" | "no_role" | "unknown_field" | "unknown_operator" | "bad_value" | "bad_group" | "bad_name" | "bad_parent";

export type ConfigVersion = { 
/**
 * Counts the versions, from 1; 0 when nobody has decided anything yet.
 */
version: number, 
/**
 * When the backend took it.
 */
at: Timestamp, 
/**
 * Who decided it; `None` when the program was set up with it.
 */
author: StaffId | null, 
/**
 * The operation that made it.
 */
op: OpId | null, 
/**
 * Which channels have an active wallet binding.
 */
bindings: Bindings, 
/**
 * What is known of the dedicated mini program.
 */
mini_program: MiniProgram, 
/**
 * What was decided.
 */
config: Config, };

export type ConfigView = { 
/**
 * The version in force here; its `at` is the configuration's date.
 */
current: ConfigVersion, 
/**
 * Who decided it; empty when the program was set up with it.
 */
author_name: string, 
/**
 * When the backend was last heard: it may have a newer one since.
 */
heard_at: Timestamp | null, 
/**
 * An own change that is not in force.
 */
own: OwnConfigChange | null, 
/**
 * What each surface would offer.
 */
surfaces: Array<SurfaceChannels>, };

export type Connectivity = "online" | "offline" | "work_offline" | "enrol_again";

export type Credentials = { "channel": "wechat_pay", 
/**
 * The app's secret, for openids.
 */
app_secret: string, 
/**
 * The 32 characters that callbacks are encrypted with.
 */
api_v3_key: string, 
/**
 * The serial number of the merchant certificate.
 */
merchant_serial: string, 
/**
 * The merchant's private key, PEM.
 */
merchant_private_key_pem: string, 
/**
 * What answers are verified with: a public key with its id, or platform certificates.
 */
platform_keys: Array<PlatformKey>, } | { "channel": "alipay", 
/**
 * The app's private key, PEM.
 */
app_private_key_pem: string, } & ({ 
/**
 * The certificate of the app's key, PEM.
 */
app_certificate_pem: string, 
/**
 * Alipay's, PEM, with or without what leads to a root.
 */
alipay_certificate_pem: string, 
/**
 * The roots, PEM.
 */
alipay_root_pem: string, } | { 
/**
 * Alipay's public key, PEM.
 */
alipay_public_key_pem: string, });

export type DataImport = { 
/**
 * What it holds.
 */
kind: ImportKind, 
/**
 * Its name.
 */
name: string, 
/**
 * Its bytes in base64.
 */
file: string, 
/**
 * False looks only; nothing is written.
 */
take: boolean, };

export type Deciding = "confirm" | "reject";

export type Department = { 
/**
 * Identity.
 */
id: DepartmentId, 
/**
 * Name.
 */
name: string, 
/**
 * The one it is a part of.
 */
parent: DepartmentId | null, };

export type DepartmentId = string;

export type DepositDetail = { 
/**
 * Whose.
 */
distributor: DistributorId, 
/**
 * Their name.
 */
distributor_name: string, 
/**
 * How it stands; `None` where the backend has said nothing of one.
 */
deposit: DepositView | null, 
/**
 * Movements, newest first.
 */
entries: Array<DepositEntry>, };

export type DepositEntry = { 
/**
 * The collection that moved it: a top-up, or a spend.
 */
collection: CollectionView, 
/**
 * What it added (positive) or took (negative).
 */
amount_fen: string, };

export type DepositPay = { 
/**
 * Which order.
 */
order: OrderId, 
/**
 * How much; `None` for as much as reserve and order allow.
 */
amount_fen: string | null, };

export type DepositView = { 
/**
 * Whose.
 */
distributor: DistributorId, 
/**
 * Available and all allotments, by the backend's books.
 */
balance_fen: string, 
/**
 * What this terminal may spend now: its allotment less own spends and releases that are not
 * booked yet. Never raised by a local act.
 */
reserve_fen: string, 
/**
 * Spent here and not booked yet.
 */
waiting_fen: string, 
/**
 * Confirmed money that pays no order.
 */
unapplied_fen: string, 
/**
 * What is owed on orders.
 */
owed_fen: string, 
/**
 * As of when the backend said so.
 */
as_of: Timestamp, 
/**
 * Own operations on it are pending.
 */
pending: boolean, };

export type DisplayState = { "show": "idle", 
/**
 * The seller's name.
 */
seller: string, } | { "show": "pay", 
/**
 * Who is asked.
 */
distributor_name: string, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * What for.
 */
purpose: Purpose, 
/**
 * Four digits to compare with the phone; a channel's own code leads to no page that shows
 * them.
 */
check_code: string, 
/**
 * The only channel whose wallet understands this QR; `None` for either.
 */
channel: Channel | null, 
/**
 * The QR.
 */
qr_svg: string, 
/**
 * Modules a side, quiet zone included.
 */
qr_modules: number, 
/**
 * When it ends.
 */
expires_at: Timestamp, } | { "show": "paid", 
/**
 * How much.
 */
amount_fen: string, };

export type Distributor = { 
/**
 * Identity.
 */
id: DistributorId, 
/**
 * Short number given by the backend, carried in offline payment links; 0 before it is given.
 */
number: number, 
/**
 * The company's code for it; may be empty until the backend knows it.
 */
code: string, 
/**
 * Legal or trading name.
 */
name: string, 
/**
 * Contact phone; may be empty.
 */
phone: string, 
/**
 * Region as free text; may be empty.
 */
region: string, 
/**
 * Which price book applies.
 */
price_book: PriceBookId | null, 
/**
 * How much may be owed at once; `None` where no limit is set.
 */
credit_limit_fen: string | null, 
/**
 * False once it no longer buys.
 */
active: boolean, };

export type DistributorId = string;

export type DistributorKey = { 
/**
 * Which.
 */
distributor: DistributorId, };

export type DistributorNew = { 
/**
 * Name; needed.
 */
name: string, 
/**
 * Phone; may be empty.
 */
phone: string, 
/**
 * Region; may be empty.
 */
region: string, };

export type DistributorRow = { 
/**
 * Which.
 */
id: DistributorId, 
/**
 * Code.
 */
code: string, 
/**
 * Name.
 */
name: string, 
/**
 * Phone.
 */
phone: string, 
/**
 * Region.
 */
region: string, };

export type DistributorSearch = { 
/**
 * What was typed.
 */
query: string, 
/**
 * At most how many rows.
 */
limit: number, };

export type DistributorView = { 
/**
 * The distributor.
 */
distributor: Distributor, 
/**
 * Name of its price book; empty for list prices.
 */
price_book_name: string, 
/**
 * What is owed on orders, by the backend's books.
 */
owed_fen: string, 
/**
 * Confirmed money that pays no order yet.
 */
unapplied_fen: string, 
/**
 * The whole deposit: available and all allotments.
 */
deposit_fen: string, 
/**
 * What this terminal may spend of it offline, less its own pending spends.
 */
reserve_fen: string, 
/**
 * The books' date; `None` while nothing is known.
 */
as_of: Timestamp | null, };

export type DraftChange = { 
/**
 * Which draft.
 */
order: OrderId, } & ({ "edit": "set_distributor", 
/**
 * Who.
 */
distributor: DistributorId, } | { "edit": "add_line", 
/**
 * What.
 */
product: ProductId, 
/**
 * How many.
 */
quantity: string, } | { "edit": "paste", 
/**
 * The text.
 */
text: string, } | { "edit": "set_quantity", 
/**
 * Line index from 0.
 */
line: number, 
/**
 * How many.
 */
quantity: string, } | { "edit": "set_price", 
/**
 * Line index from 0.
 */
line: number, 
/**
 * Yuan per unit.
 */
unit_price: string, } | { "edit": "set_line_discount", 
/**
 * Line index from 0.
 */
line: number, 
/**
 * The discount.
 */
discount: LineDiscount, } | { "edit": "duplicate_line", 
/**
 * Line index from 0.
 */
line: number, } | { "edit": "remove_line", 
/**
 * Line index from 0.
 */
line: number, } | { "edit": "set_discount", 
/**
 * The discount.
 */
discount: LineDiscount, } | { "edit": "set_remark", 
/**
 * The text.
 */
remark: string, } | { "edit": "set_payment_method", 
/**
 * The method.
 */
payment_method: PaymentMethod | null, } | { "edit": "undo" } | { "edit": "redo" });

export type DraftContent = { 
/**
 * Who buys; `None` until one is chosen.
 */
distributor: DistributorId | null, 
/**
 * Their name; empty until one is chosen.
 */
distributor_name: string, 
/**
 * The lines.
 */
lines: Array<DraftLine>, 
/**
 * Discount on the whole order.
 */
discount: LineDiscount, 
/**
 * How the buyer means to pay.
 */
payment_method: PaymentMethod | null, 
/**
 * Free text.
 */
remark: string, 
/**
 * What of a confirmed order it was begun on; `None` for a new order.
 */
edits: Basis | null, };

export type DraftLine = { 
/**
 * Its price was typed by hand: another distributor's prices leave it alone.
 */
price_typed: boolean, 
/**
 * The product.
 */
product: ProductId, 
/**
 * Its code at that time.
 */
code: string, 
/**
 * Its name at that time.
 */
name: string, 
/**
 * Its unit at that time.
 */
unit: string, 
/**
 * How many.
 */
quantity: string, 
/**
 * Yuan per unit.
 */
unit_price: string, 
/**
 * Discount on this line.
 */
discount: LineDiscount, 
/**
 * The price book the price came from; `None` for the list price or a price typed by hand.
 */
price_book: PriceBookId | null, 
/**
 * When the price was last heard from the backend.
 */
price_as_of: Timestamp, 
/**
 * Quantity × price less the line's discount, rounded to the fen.
 */
amount_fen: string, };

export type DraftOpen = { 
/**
 * The draft to go on with; `None` for the last one left open, or a new one.
 */
order: OrderId | null, 
/**
 * A new one even if another is open.
 */
fresh: boolean, };

export type DraftRow = { 
/**
 * Which.
 */
order: OrderId, 
/**
 * Number.
 */
number: string, 
/**
 * Who buys; empty while not chosen.
 */
distributor_name: string, 
/**
 * How many lines.
 */
lines: number, 
/**
 * The sum.
 */
total_fen: string, 
/**
 * It changes a confirmed order.
 */
edits: boolean, 
/**
 * When it was last written.
 */
saved_at: Timestamp, };

export type DraftView = { 
/**
 * Its id, which becomes the order's.
 */
order: OrderId, 
/**
 * Its number.
 */
number: string, 
/**
 * What it holds.
 */
content: DraftContent, 
/**
 * The sums.
 */
totals: OrderTotals, 
/**
 * The total in Chinese capitals.
 */
capital: string, 
/**
 * Notices for each line, by line index.
 */
notices: Array<LineNotice>, 
/**
 * When it was last written.
 */
saved_at: Timestamp, };

export type ExportColumn = { 
/**
 * Which field.
 */
field: string, 
/**
 * The head of the column.
 */
title: string, 
/**
 * What to write for a choice, or for `true` and `false`; a word that is not here stays itself.
 */
words: { [key in string]: string }, };

export type Fee = { "known": "billed", 
/**
 * How much.
 */
fee_fen: string, } | { "known": "estimated", 
/**
 * About how much.
 */
fee_fen: string, 
/**
 * What it rests on.
 */
note: FeeNote, } | { "known": "unknown" };

export type FeeNote = { 
/**
 * In ten-thousandths: 60 is 0.60 %.
 */
rate: number, 
/**
 * Where that is written: a contract, a page of the channel's.
 */
source: string, 
/**
 * When it was looked up, `2026-11-28`.
 */
date: string, };

export type FieldRule = { 
/**
 * It is on the page.
 */
visible: boolean, 
/**
 * It must be filled in.
 */
required: boolean, 
/**
 * It can't be changed.
 */
readonly: boolean, };

export type FieldType = "text" | "choice" | "number" | "money" | "date" | "timestamp" | "boolean";

export type Found = "matched" | "only_here" | "only_provider" | "amount_differs" | "fee_differs" | "other";

export type HeldMoneyFreeInput = { 
/**
 * Which payment.
 */
transaction_record: TransactionRecordId, 
/**
 * Whose it is.
 */
distributor: DistributorId, 
/**
 * Why its operation is not waited for.
 */
reason: string, };

export type HistoryEntry = { 
/**
 * What was done.
 */
line: HistoryLine, 
/**
 * Who did it.
 */
author_name: string, 
/**
 * What it is about, by its own codes and names: the thing, or the file.
 */
subject: string, };

export type HistoryEvent = { "event": "imported", 
/**
 * What it held.
 */
kind: ImportKind, 
/**
 * Its name.
 */
file: string, 
/**
 * SHA-256 of its bytes, hex.
 */
sha256: string, 
/**
 * What it did.
 */
counts: ImportCounts, } | { "event": "changed", 
/**
 * As it was; `None` for something new.
 */
before: CatalogueItem | null, 
/**
 * As it is from now on.
 */
after: CatalogueItem, };

export type HistoryLine = { 
/**
 * Identity.
 */
id: HistoryLineId, 
/**
 * When the backend took it.
 */
at: Timestamp, 
/**
 * Who decided it.
 */
author: StaffId, 
/**
 * Where.
 */
terminal: TerminalId, 
/**
 * What was done.
 */
what: HistoryEvent, };

export type HistoryLineId = string;

export type ImportCounts = { 
/**
 * Rows below the header.
 */
rows: number, 
/**
 * Those that are new.
 */
added: number, 
/**
 * Those that change what was there.
 */
changed: number, };

export type ImportKind = "products" | "prices" | "distributors" | "staff";

export type ImportReport = { 
/**
 * SHA-256 of the file's bytes, hex.
 */
sha256: string, 
/**
 * What it does, or would do; zeros when it has problems.
 */
counts: ImportCounts, 
/**
 * It is in force now.
 */
taken: boolean, 
/**
 * What is wrong with it. With any problem nothing of it is taken.
 */
problems: Report, };

export type IntentId = string;

export type IntentKey = { 
/**
 * Which.
 */
intent: IntentId, };

export type IntentOutcome = "exact" | "partial" | "over" | "late" | "duplicate";

export type IntentState = "created" | "presented" | "paying" | "expired" | "closed" | "paid";

export type IntentView = { 
/**
 * The intent.
 */
intent: PaymentIntent, 
/**
 * Given up here; the payer may still hold the QR until the backend says closed.
 */
closing: boolean, 
/**
 * Own operations on it are pending: the backend may not know it yet.
 */
pending: boolean, 
/**
 * Why an own operation on it was refused or differs.
 */
attention: Code | null, };

export type IssuedCode = { 
/**
 * For which terminal.
 */
terminal_code: string, 
/**
 * The code.
 */
code: string, 
/**
 * Until when it can be used.
 */
ends_at: Timestamp, };

export type Language = "zh-CN" | "en";

export type Layouts = { 
/**
 * Payment Method where a sales order is made.
 */
order_create: FieldRule, 
/**
 * Payment Method where a sales order is changed.
 */
order_edit: FieldRule, 
/**
 * The list of sales orders.
 */
order_list: ListRule, 
/**
 * Payment Method where a payment collection is made.
 */
collection_create: FieldRule, };

export type LineDiscount = { "kind": "none" } | { "kind": "percent", "value": string } | { "kind": "amount", "value": string };

export type LineNotice = { 
/**
 * Line index from 0.
 */
line: number, 
/**
 * `below_floor`, or `price_changed` when the catalogue now says otherwise.
 */
kind: string, };

export type ListRule = { 
/**
 * The Online Payment button is on the list; off until switched on.
 */
show_online_payment_button: boolean, };

export type LiveAsk = { 
/**
 * The intent.
 */
intent: IntentView, 
/**
 * Who is asked.
 */
distributor_name: string, 
/**
 * The numbers of the orders it pays.
 */
order_numbers: Array<string>, 
/**
 * Who asks; empty where the operation has not been heard of.
 */
staff_name: string, };

export type MatchFrom = { "kind": "unapplied", 
/**
 * Which collection.
 */
collection: CollectionId, } | { "kind": "unidentified", 
/**
 * Which payment.
 */
transaction_record: TransactionRecordId, } | { "kind": "deposit" };

export type MatchId = string;

export type MatchKey = { 
/**
 * Which.
 */
money_match: MatchId, };

export type MatchList = { 
/**
 * Only those that wait for a decision.
 */
waiting_only: boolean, 
/**
 * Only what is older than this; `None` for the newest.
 */
before: Timestamp | null, 
/**
 * At most how many rows.
 */
limit: number, };

export type MatchNew = { 
/**
 * Which money.
 */
from: MatchFrom, 
/**
 * Where it is to go.
 */
to: MatchTo, 
/**
 * Whose money it is, or is to be.
 */
distributor: DistributorId, 
/**
 * Which orders get how much, if it goes to orders.
 */
allocations: Array<Allocation>, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * Why it belongs there.
 */
reason: string, };

export type MatchRejectInput = { 
/**
 * Which.
 */
money_match: MatchId, 
/**
 * Why.
 */
reason: string, };

export type MatchRow = { 
/**
 * The match.
 */
view: MatchView, 
/**
 * Who proposed it.
 */
proposed_by_name: string, 
/**
 * The orders' numbers, as its allocations name them.
 */
order_numbers: Array<string>, 
/**
 * What the channel said of the money, if it came through one.
 */
evidence: TransactionRecord | null, };

export type MatchState = "proposed" | "rejected" | "approved";

export type MatchTo = "orders" | "unapplied" | "deposit" | "suspense";

export type MatchView = { 
/**
 * The match.
 */
money_match: MoneyMatch, 
/**
 * It was decided here and the backend has not said so yet.
 */
deciding: Deciding | null, 
/**
 * Own operations on it are pending.
 */
pending: boolean, 
/**
 * Why an own operation on it was refused or differs.
 */
attention: Code | null, };

export type Measure = "file_bytes" | "unpacked_bytes" | "ratio" | "parts" | "rows" | "columns" | "order_lines";

export type MiniProgram = "not_hosted" | "other_owner" | "same_owner";

export type MiniProgramBind = { 
/**
 * Which.
 */
details: MiniProgramDetails, };

export type MiniProgramDetails = { 
/**
 * Its app id.
 */
app_id: string, 
/**
 * Its owner's legal name.
 */
owner: string, 
/**
 * The owner's unified social credit code; empty when it is not given.
 */
credit_code: string, };

export type MiniProgramView = { 
/**
 * Which.
 */
details: MiniProgramDetails, 
/**
 * Whether its owner is the WeChat Pay account's holder.
 */
owner: OwnerCheck, 
/**
 * The holder that it was compared with; empty while no WeChat Pay account is active.
 */
holder: string, 
/**
 * Who bound it.
 */
bound_by: StaffId, 
/**
 * When it was bound and checked.
 */
bound_at: Timestamp, };

export type MoneyMatch = { 
/**
 * Identity.
 */
id: MatchId, 
/**
 * Which money.
 */
from: MatchFrom, 
/**
 * Where it is to go.
 */
to: MatchTo, 
/**
 * The collection's number, the channel's number, or the distributor's code.
 */
subject: string, 
/**
 * Whose money it is, or is to be.
 */
distributor: DistributorId, 
/**
 * The name at that time.
 */
distributor_name: string, 
/**
 * Which orders get how much.
 */
allocations: Array<Allocation>, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * What the approval moved; less than the amount where orders owed less by then.
 */
moved_fen: string, 
/**
 * Why it belongs there.
 */
reason: string, 
/**
 * Where it stands.
 */
state: MatchState, 
/**
 * Who proposed it.
 */
proposed_by: StaffId, 
/**
 * On which terminal.
 */
terminal: TerminalId, 
/**
 * When.
 */
proposed_at: Timestamp, 
/**
 * Who approved or rejected it.
 */
decided_by: StaffId | null, 
/**
 * When, by the backend's clock.
 */
decided_at: Timestamp | null, 
/**
 * Why it was rejected; empty otherwise.
 */
refused_for: string, };

export type Named = "product" | "distributor" | "price_book" | "department";

export type Nothing = Record<symbol, never>;

export type OpId = string;

export type OpenKind = "unapplied" | "unidentified" | "held" | "suspense";

export type OpenMoney = { 
/**
 * Why.
 */
kind: OpenKind, 
/**
 * The collection that it is the rest of.
 */
collection: CollectionId | null, 
/**
 * What the channel said of it, if it came through one.
 */
evidence: TransactionRecord | null, 
/**
 * The collection's number, the channel's number, or the distributor's code.
 */
subject: string, 
/**
 * Whose it is; of money that is nobody's yet, who was asked by what its number names.
 */
distributor: DistributorId | null, 
/**
 * Their name; empty otherwise.
 */
distributor_name: string, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * What stands in suspense for its distributor.
 */
suspense_fen: string, 
/**
 * What its distributor's deposit could cover of that.
 */
available_fen: string, 
/**
 * When it came.
 */
at: Timestamp, 
/**
 * A proposal about it waits, or it is being freed.
 */
waiting: boolean, };

export type OperationRow = { 
/**
 * Identity.
 */
op_id: OpId, 
/**
 * Its number in its incarnation.
 */
seq: number, 
/**
 * What was done, e.g. `order_submit`.
 */
kind: string, 
/**
 * Who.
 */
staff: StaffId, 
/**
 * When.
 */
at: Timestamp, 
/**
 * The backend's last word: `applied`, `applied_with_difference`, `rejected`, `blocked`; `None`
 * before any.
 */
verdict: string | null, 
/**
 * Why it was rejected, or what differs.
 */
reason: Code | null, 
/**
 * Still waiting for the feed to carry a final verdict.
 */
pending: boolean, 
/**
 * Nobody has looked at its refusal or difference yet.
 */
needs_look: boolean, };

export type Operator = "EQ" | "N" | "GT" | "GTE" | "LT" | "LTE" | "IN" | "NIN" | "BETWEEN" | "LIKE" | "IS" | "ISN" | "UNKNOWN";

export type OrderButtons = { 
/**
 * Which order.
 */
order: OrderId, 
/**
 * Its buttons.
 */
buttons: Array<ButtonName>, };

export type OrderCancelInput = { 
/**
 * Which.
 */
order: OrderId, 
/**
 * Why.
 */
reason: string, };

export type OrderContent = { 
/**
 * Who buys.
 */
distributor: DistributorId, 
/**
 * The buyer's name at that time.
 */
distributor_name: string, 
/**
 * The lines, in the order shown.
 */
lines: Array<OrderLine>, 
/**
 * Discount on the whole order, split over the lines by largest remainder.
 */
discount: LineDiscount, 
/**
 * How the buyer means to pay; `None` when not said.
 */
payment_method: PaymentMethod | null, 
/**
 * Free text.
 */
remark: string, };

export type OrderDetail = { 
/**
 * The order.
 */
order: OrderView, 
/**
 * The total in Chinese capitals.
 */
capital: string, 
/**
 * Collections that pay it.
 */
collections: Array<CollectionView>, 
/**
 * Intents that asked for it.
 */
intents: Array<IntentView>, 
/**
 * What the channels said about them.
 */
transaction_records: Array<TransactionRecord>, 
/**
 * What happened, oldest first.
 */
timeline: Array<TimelineEntry>, };

export type OrderExport = { 
/**
 * Whose.
 */
scenario: OrderScenario, 
/**
 * Only these payment states; empty for all.
 */
payment_states: Array<PaymentState>, 
/**
 * Only this distributor's.
 */
distributor: DistributorId | null, 
/**
 * Part of the number or of the distributor's name; empty for all.
 */
query: string, 
/**
 * Only those that meet these; no group for all.
 */
conditions: Conditions, 
/**
 * The columns from left to right.
 */
columns: Array<ExportColumn>, };

export type OrderExported = { 
/**
 * The file, with its folder.
 */
file: string, 
/**
 * How many orders it holds.
 */
rows: number, };

export type OrderField = { 
/**
 * Its name.
 */
name: string, 
/**
 * What it holds.
 */
field_type: FieldType, 
/**
 * What it may be asked.
 */
operators: Array<Operator>, };

export type OrderId = string;

export type OrderKey = { 
/**
 * Which.
 */
order: OrderId, };

export type OrderLine = { 
/**
 * The product.
 */
product: ProductId, 
/**
 * Its code at that time.
 */
code: string, 
/**
 * Its name at that time.
 */
name: string, 
/**
 * Its unit at that time.
 */
unit: string, 
/**
 * How many.
 */
quantity: string, 
/**
 * Yuan per unit.
 */
unit_price: string, 
/**
 * Discount on this line.
 */
discount: LineDiscount, 
/**
 * The price book the price came from; `None` for the list price or a price typed by hand.
 */
price_book: PriceBookId | null, 
/**
 * When the price was last heard from the backend.
 */
price_as_of: Timestamp, 
/**
 * Quantity × price less the line's discount, rounded to the fen.
 */
amount_fen: string, };

export type OrderList = { 
/**
 * Whose.
 */
scenario: OrderScenario, 
/**
 * Only these payment states; empty for all.
 */
payment_states: Array<PaymentState>, 
/**
 * Only this distributor's.
 */
distributor: DistributorId | null, 
/**
 * Part of the number or of the distributor's name; empty for all.
 */
query: string, 
/**
 * Only those that meet these; no group for all.
 */
conditions: Conditions, 
/**
 * Only what is older than this; `None` for the newest.
 */
before: Timestamp | null, 
/**
 * At most how many rows; those of the very moment of the last one come with it.
 */
limit: number, };

export type OrderListSetup = { 
/**
 * The lists with a name, in the order shown.
 */
saved: Array<SavedOrderList>, 
/**
 * The columns that are left out, by the window's names for them.
 */
hidden_columns: Array<string>, };

export type OrderRow = { 
/**
 * Identity.
 */
id: OrderId, 
/**
 * Its number.
 */
number: string, 
/**
 * Who buys.
 */
distributor: DistributorId, 
/**
 * The buyer's name as the order has it.
 */
distributor_name: string, 
/**
 * Where it stands.
 */
state: OrderState, 
/**
 * How far it is paid.
 */
payment_state: PaymentState, 
/**
 * What is to be paid.
 */
total_fen: string, 
/**
 * What is confirmed.
 */
paid_fen: string, 
/**
 * What is waiting.
 */
waiting_fen: string, 
/**
 * What live intents ask for.
 */
asked_fen: string, 
/**
 * When it was made.
 */
ordered_at: Timestamp, 
/**
 * Own operations on it are pending.
 */
pending: boolean, 
/**
 * There is something to look at.
 */
attention: boolean, };

export type OrderScenario = "mine" | "department" | "all";

export type OrderState = "submitted" | "confirmed" | "closed" | "cancelled";

export type OrderTotals = { 
/**
 * Sum of the lines' amounts.
 */
lines_fen: string, 
/**
 * What the order's own discount takes off, as a positive amount.
 */
discount_fen: string, 
/**
 * What is to be paid.
 */
total_fen: string, 
/**
 * The total's share of each line; they sum to the total exactly.
 */
shares_fen: Array<string>, };

export type OrderView = { 
/**
 * The order, own pending operations folded in.
 */
order: SalesOrder, 
/**
 * How far it is paid, by the backend's word alone.
 */
payment_state: PaymentState, 
/**
 * What is still owed by the backend's word alone.
 */
owed_fen: string, 
/**
 * Recorded and not confirmed yet, spent from a deposit and not booked yet, or proved by a
 * receipt code.
 */
waiting_fen: string, 
/**
 * Asked for by intents that are live.
 */
asked_fen: string, 
/**
 * Those intents; while there is one the order is frozen (rule 5.5).
 */
live_intents: Array<IntentId>, 
/**
 * Own operations on it are pending.
 */
pending: boolean, 
/**
 * Why an own operation on it was refused, differs, or does not fit any more.
 */
attention: Code | null, };

export type OutboxRow = { 
/**
 * The operation and how it stands.
 */
operation: OperationRow, 
/**
 * Who did it.
 */
staff_name: string, 
/**
 * The number of the document it is about; empty when it has none.
 */
subject: string, };

export type OwnCatalogueChange = { 
/**
 * Its operation.
 */
op: OpId, 
/**
 * What it is about, by its own codes and names.
 */
subject: string, 
/**
 * What was asked for.
 */
after: CatalogueItem, 
/**
 * What holds now; `None` while there is no such thing.
 */
held: CatalogueItem | null, 
/**
 * Why it was refused; `None` while the backend's word is awaited.
 */
refused: Code | null, };

export type OwnCatalogueKey = { 
/**
 * Its operation.
 */
op: OpId, };

export type OwnConfigChange = { 
/**
 * The version it was made on.
 */
on: number, 
/**
 * What was asked for.
 */
config: Config, 
/**
 * When.
 */
at: Timestamp, 
/**
 * Why it was refused; `None` while the backend's word is awaited.
 */
refused: Code | null, };

export type OwnStaffChange = { 
/**
 * Its operation.
 */
op: OpId, 
/**
 * About whom.
 */
staff: StaffId, 
/**
 * What was asked for.
 */
terms: StaffTerms, 
/**
 * Why it was refused; `None` while the backend's word is awaited.
 */
refused: Code | null, };

export type OwnStaffKey = { 
/**
 * Its operation.
 */
op: OpId, };

export type OwnerCheck = "same" | "name_differs" | "credit_code_differs" | "no_account";

export type PayBulk = { 
/**
 * Confirmed orders, each once.
 */
orders: Array<OrderId>, };

export type PayCode = { 
/**
 * Which intent.
 */
intent: IntentId, 
/**
 * Which channel.
 */
channel: Channel, };

export type PayCodeView = { "answer": "code", 
/**
 * As SVG, one unit a module, quiet zone of 4 (rule 6.3).
 */
qr_svg: string, 
/**
 * Modules a side, quiet zone included.
 */
qr_modules: number, } | { "answer": "wait" } | { "answer": "over" } | { "answer": "refused" };

export type PayCollection = { 
/**
 * Who pays.
 */
distributor: DistributorId, 
/**
 * What for.
 */
purpose: Purpose, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * Which orders it pays; what they leave of the amount stays unapplied.
 */
allocations: Array<Allocation>, };

export type PayOrders = { 
/**
 * One distributor's orders, or one draft.
 */
orders: Array<OrderId>, 
/**
 * How much to ask; `None` for all that is owed.
 */
amount_fen: string | null, };

export type PayProof = { 
/**
 * Which intent.
 */
intent: IntentId, 
/**
 * The text.
 */
proof: string, };

export type PayTopUp = { 
/**
 * Whose deposit.
 */
distributor: DistributorId, 
/**
 * How much.
 */
amount_fen: string, };

export type PayView = { 
/**
 * The intent.
 */
intent: IntentView, 
/**
 * The amount in Chinese capitals.
 */
capital: string, 
/**
 * Who is asked.
 */
distributor_name: string, 
/**
 * The numbers of the orders it pays.
 */
order_numbers: Array<string>, 
/**
 * What the QR says.
 */
link: string, 
/**
 * In demos: the sandbox's phone opened on that link.
 */
phone_link: string | null, 
/**
 * The channels whose own code can be shown now: bound, within their limits, and online.
 */
code_channels: Array<Channel>, 
/**
 * Which QR the sheet begins with while it can.
 */
qr_mode: QrMode, 
/**
 * The link was signed here; false when the backend minted it.
 */
offline_link: boolean, 
/**
 * The QR as SVG, one unit a module, quiet zone of 4 (rule 6.3).
 */
qr_svg: string, 
/**
 * Modules a side, quiet zone included.
 */
qr_modules: number, 
/**
 * Milliseconds left by the terminal's clock; 0 when over.
 */
left_ms: number, 
/**
 * Tickets left for offline QRs.
 */
tickets_left: number, 
/**
 * Whether the backend was reachable at the last attempt.
 */
online: boolean, 
/**
 * The collection that the payment made.
 */
collection: CollectionView | null, 
/**
 * What the channel said.
 */
transaction_record: TransactionRecord | null, };

export type PaymentCollection = { 
/**
 * Identity.
 */
id: CollectionId, 
/**
 * The recording terminal's number, or the backend's own for online money.
 */
number: string, 
/**
 * What it is for.
 */
purpose: Purpose, 
/**
 * How it was paid; a document from before collections named it is read as a bank transfer.
 */
method: PaymentMethod, 
/**
 * Whose money.
 */
distributor: DistributorId, 
/**
 * The distributor's name at that time.
 */
distributor_name: string, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * Where it stands.
 */
state: CollectionState, 
/**
 * Under review: what was asked. Confirmed: what was applied (rule 5.7).
 */
allocations: Array<Allocation>, 
/**
 * Confirmed money that pays no order yet.
 */
unapplied_fen: string, 
/**
 * Refunded, or set aside for an approved refund (rule 5.8).
 */
refunded_fen: string, 
/**
 * Moved to the deposit, or used to cover a suspense, by finance's decision.
 */
moved_fen: string, 
/**
 * Free text, e.g. the cheque's number.
 */
note: string, 
/**
 * SHA-256 of the slip's photo, hex; empty where there is none.
 */
slip_sha256: string, 
/**
 * Who recorded it; `None` for online money.
 */
recorded_by: StaffId | null, 
/**
 * Which finance staff confirmed or rejected it.
 */
decided_by: StaffId | null, 
/**
 * Why it was rejected; empty otherwise.
 */
reason: string, 
/**
 * The intent it settled.
 */
intent: IntentId | null, 
/**
 * What the channel said.
 */
transaction_record: TransactionRecordId | null, 
/**
 * The recording terminal; `None` for online money without one.
 */
terminal: TerminalId | null, 
/**
 * When it was recorded or settled.
 */
recorded_at: Timestamp, 
/**
 * Recorded after the terminal's lease had run out (rule 9.1).
 */
after_lease: boolean, };

export type PaymentIntent = { 
/**
 * Identity: the number of the ticket it was made with.
 */
id: IntentId, 
/**
 * What the money is for.
 */
purpose: Purpose, 
/**
 * Who is asked.
 */
distributor: DistributorId, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * Which orders it pays, and how much of each.
 */
allocations: Array<Allocation>, 
/**
 * The asking revision; a new ask for the same thing counts up.
 */
revision: number, 
/**
 * Where it stands.
 */
state: IntentState, 
/**
 * The channel's answer is unknown; only a query or a close ends that.
 */
unknown: boolean, 
/**
 * The payer's phone proved payment to an offline terminal (rule 6.6).
 */
proved_offline: boolean, 
/**
 * Code of the short payment link, once the backend has minted it (rule 6.1).
 */
pay_code: string | null, 
/**
 * Four digits that terminal and cashier both show.
 */
check_code: string, 
/**
 * When it ends.
 */
expires_at: Timestamp, 
/**
 * How it ended, once money has come.
 */
outcome: IntentOutcome | null, 
/**
 * The collection that the payment made.
 */
collection: CollectionId | null, 
/**
 * Who opened it; `None` when the backend met the link before the operation (rule 6.5).
 */
staff: StaffId | null, 
/**
 * On which terminal.
 */
terminal: TerminalId, 
/**
 * The operation that opened it; `None` before it has arrived.
 */
opened_by: OpId | null, 
/**
 * When it was opened.
 */
opened_at: Timestamp, };

export type PaymentMethod = "online" | "qr_code" | "cash" | "bank_transfer" | "cheque" | "deposit";

export type PaymentState = "unpaid" | "partly_paid" | "paid" | "overpaid";

export type PerChannel<T> = { 
/**
 * 微信支付
 */
wechat_pay: T, 
/**
 * 支付宝
 */
alipay: T, };

export type Permission = "document_read" | "order_create" | "order_cancel" | "order_approve" | "reversal_request" | "document_reverse" | "intent_open" | "collection_record" | "collection_confirm" | "collection_reject" | "deposit_spend" | "allotment_revoke" | "distributor_create" | "refund_request" | "refund_approve" | "match_money_propose" | "match_money_approve" | "held_money_free" | "attention_close" | "review_decide" | "bill_match" | "day_lock" | "day_reopen" | "configure" | "staff_manage" | "terminal_manage" | "wallet_bind" | "catalogue_import" | "audit_read";

export type Placement = "detail" | "list_row" | "list_bulk" | "create" | "edit";

export type PlatformKey = { 
/**
 * `PUB_KEY_ID_…` for a public key; empty for a certificate, which names itself.
 */
id: string, 
/**
 * The key or certificate, PEM.
 */
pem: string, };

export type Price = { 
/**
 * The book it stands in.
 */
price_book: PriceBookId, 
/**
 * The product.
 */
product: ProductId, 
/**
 * Yuan per unit.
 */
unit_price: string, 
/**
 * First instant of validity.
 */
valid_from: Timestamp, 
/**
 * First instant after validity; `None` for open end.
 */
valid_to: Timestamp | null, };

export type PriceBook = { 
/**
 * Identity.
 */
id: PriceBookId, 
/**
 * Name shown beside prices.
 */
name: string, };

export type PriceBookEntry = { 
/**
 * The book.
 */
price_book: PriceBook, 
/**
 * How many products it has a price for.
 */
products: number, 
/**
 * How many distributors buy by it.
 */
distributors: number, };

export type PriceBookId = string;

export type Problem = { 
/**
 * The file's name.
 */
file: string, 
/**
 * The row as a spreadsheet or editor counts it, from 1; 0 when it is about the whole file.
 */
row: number, 
/**
 * The column's name as in the header; empty when it is about the whole row or file.
 */
column: string, 
/**
 * What is wrong.
 */
reason: Reason, };

export type Product = { 
/**
 * Identity.
 */
id: ProductId, 
/**
 * The company's code, unique among its products.
 */
code: string, 
/**
 * EAN-13 or another barcode; empty when there is none.
 */
barcode: string, 
/**
 * Name as printed on orders.
 */
name: string, 
/**
 * Specification; may be empty.
 */
spec: string, 
/**
 * Unit of sale, e.g. 件.
 */
unit: string, 
/**
 * Price where no price book says otherwise, yuan per unit.
 */
list_price: string, 
/**
 * Lowest price that needs no approval; `None` when there is no floor.
 */
floor_price: string | null, 
/**
 * False once it is no longer sold; it stays for the documents that name it.
 */
active: boolean, };

export type ProductEntry = { 
/**
 * The product.
 */
product: Product, 
/**
 * Every price, past and coming ones too.
 */
prices: Array<Price>, };

export type ProductId = string;

export type ProductRow = { 
/**
 * Which.
 */
id: ProductId, 
/**
 * Code.
 */
code: string, 
/**
 * Barcode; may be empty.
 */
barcode: string, 
/**
 * Name.
 */
name: string, 
/**
 * Specification; may be empty.
 */
spec: string, 
/**
 * Unit.
 */
unit: string, 
/**
 * Price for that distributor now.
 */
unit_price: string, 
/**
 * The price book it comes from; `None` for the list price.
 */
price_book: PriceBookId | null, 
/**
 * When prices were last heard from the backend.
 */
as_of: Timestamp, };

export type ProductSearch = { 
/**
 * What was typed: code, barcode, pinyin initials, full pinyin, part of the name.
 */
query: string, 
/**
 * Whose prices, and whose recent products come first.
 */
distributor: DistributorId | null, 
/**
 * At most how many rows.
 */
limit: number, };

export type Purpose = "order_payment" | "prepaid_deposit" | "other";

export type QrKey = { 
/**
 * Which intent.
 */
intent: IntentId, 
/**
 * The channel whose own code it is; `None` for the link, which either wallet opens.
 */
channel: Channel | null, };

export type QrMode = "cashier" | "channel_code";

export type Reason = { "reason": "empty" } | { "reason": "unreadable", "params": string } | { "reason": "encoding" } | { "reason": "utf16" } | { "reason": "missing_column", "params": { 
/**
 * Its other names.
 */
also: string, } } | { "reason": "double_column" } | { "reason": "width", "params": { 
/**
 * How many it has.
 */
found: number, 
/**
 * How many the header has.
 */
wanted: number, } } | { "reason": "blank" } | { "reason": "not_a_number", "params": string } | { "reason": "negative", "params": string } | { "reason": "places", "params": { 
/**
 * As written.
 */
value: string, 
/**
 * How many are kept.
 */
places: number, } } | { "reason": "range", "params": string } | { "reason": "not_a_date", "params": string } | { "reason": "duplicate", "params": { 
/**
 * The code.
 */
code: string, 
/**
 * Where it stands first.
 */
first: number, } } | { "reason": "unknown", "params": { 
/**
 * What it should have named.
 */
what: Named, 
/**
 * The code.
 */
code: string, } } | { "reason": "long_cell", "params": number } | { "reason": "bad_name", "params": string } | { "reason": "unknown_role", "params": string } | { "reason": "not_a_flag", "params": string } | { "reason": "no_admin" } | { "reason": "refused", "params": string } | { "reason": "limit", "params": { 
/**
 * What is too large.
 */
what: Measure, 
/**
 * How large it may be.
 */
limit: number, } } | { "reason": "workbook", "params": string };

export type Refund = { 
/**
 * Identity.
 */
id: RefundId, 
/**
 * The payment it goes back on.
 */
transaction_record: TransactionRecordId, 
/**
 * The channel of that payment.
 */
channel: Channel, 
/**
 * The collection that the payment made; `None` for money that came twice.
 */
collection: CollectionId | null, 
/**
 * The collection's number, or the channel's for money that came twice.
 */
subject: string, 
/**
 * Whose money.
 */
distributor: DistributorId, 
/**
 * The name at that time.
 */
distributor_name: string, 
/**
 * What it takes from.
 */
from: RefundFrom, 
/**
 * Which orders lose how much, if it takes from allocations.
 */
allocations: Array<Allocation>, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * Why, as the payer reads it.
 */
reason: string, 
/**
 * Where it stands.
 */
state: RefundState, 
/**
 * Who asked.
 */
requested_by: StaffId, 
/**
 * On which terminal.
 */
terminal: TerminalId, 
/**
 * When.
 */
requested_at: Timestamp, 
/**
 * Who approved or rejected it.
 */
decided_by: StaffId | null, 
/**
 * When, by the backend's clock.
 */
decided_at: Timestamp | null, 
/**
 * Why it was rejected, or the channel's word for why it failed; empty otherwise.
 */
refused_for: string, 
/**
 * The number that the channel is given, from the approval on.
 */
out_refund_no: string | null, 
/**
 * When it was paid out or failed, by the backend's clock.
 */
ended_at: Timestamp | null, };

export type RefundChoice = { 
/**
 * What.
 */
from: RefundFrom, 
/**
 * The order that would lose it, if it is an allocation.
 */
order: OrderId | null, 
/**
 * That order's number; empty otherwise.
 */
order_number: string, 
/**
 * At most how much.
 */
max_fen: string, };

export type RefundFrom = "unapplied" | "allocations" | "deposit" | "refundable";

export type RefundId = string;

export type RefundKey = { 
/**
 * Which.
 */
refund: RefundId, };

export type RefundList = { 
/**
 * Only those that wait for a decision.
 */
waiting_only: boolean, 
/**
 * Only what is older than this; `None` for the newest.
 */
before: Timestamp | null, 
/**
 * At most how many rows.
 */
limit: number, };

export type RefundNew = { 
/**
 * The payment it goes back on.
 */
transaction_record: TransactionRecordId, 
/**
 * What it takes from.
 */
from: RefundFrom, 
/**
 * Which orders lose how much, if it takes from allocations.
 */
allocations: Array<Allocation>, 
/**
 * How much.
 */
amount_fen: string, 
/**
 * Why, as the payer reads it.
 */
reason: string, };

export type RefundOptions = { 
/**
 * The payment; `None` for money that came through no channel and can't go back through one.
 */
transaction_record: TransactionRecordId | null, 
/**
 * What it could take from; empty when nothing is left.
 */
choices: Array<RefundChoice>, 
/**
 * The collection's refunds so far, newest first.
 */
refunds: Array<RefundView>, };

export type RefundRejectInput = { 
/**
 * Which.
 */
refund: RefundId, 
/**
 * Why.
 */
reason: string, };

export type RefundState = "requested" | "rejected" | "approved" | "sending" | "failed" | "done";

export type RefundView = { 
/**
 * The refund.
 */
refund: Refund, 
/**
 * It was decided here and the backend has not said so yet.
 */
deciding: Deciding | null, 
/**
 * Own operations on it are pending.
 */
pending: boolean, 
/**
 * Why an own operation on it was refused or differs.
 */
attention: Code | null, };

export type RefundableMoney = { 
/**
 * The payment.
 */
transaction_record: TransactionRecordId, 
/**
 * Its channel.
 */
channel: Channel, 
/**
 * The channel's number.
 */
provider_no: string, 
/**
 * Whose money.
 */
distributor: DistributorId, 
/**
 * Their name.
 */
distributor_name: string, 
/**
 * What has not gone back of it.
 */
left_fen: string, 
/**
 * When it came.
 */
paid_at: Timestamp, };

export type Report = { 
/**
 * The first problems, in the order of their rows.
 */
problems: Array<Problem>, 
/**
 * How many there are in all.
 */
total: number, };

export type ReviewCause = "revoked" | "forked" | "ended";

export type ReviewKey = { 
/**
 * Which operation.
 */
op: OpId, };

export type ReviewRejectInput = { 
/**
 * Which operation.
 */
op: OpId, 
/**
 * Why.
 */
reason: string, };

export type ReviewView = { 
/**
 * What waits, each terminal's in the order of its log; at most 200.
 */
work: Array<WaitingWork>, 
/**
 * How much waits in all.
 */
total: number, 
/**
 * What was decided, newest first.
 */
decided: Array<TerminalChange>, };

export type Revision = { 
/**
 * The operation that made it.
 */
op: OpId, 
/**
 * Who.
 */
staff: StaffId, 
/**
 * On which terminal.
 */
terminal: TerminalId, 
/**
 * When, by that terminal's clock.
 */
at: Timestamp, 
/**
 * What it did.
 */
kind: RevisionKind, 
/**
 * The total from then on.
 */
total_fen: string, };

export type RevisionKind = "order_edit" | "order_cancel" | "order_approve" | "order_reject";

export type Role = "sales" | "finance" | "finance_lead" | "admin";

export type SalesOrder = { 
/**
 * Identity.
 */
id: OrderId, 
/**
 * `<terminal code>-<yymmdd>-<seq>`, given when the draft was first saved (rule 5.2).
 */
number: string, 
/**
 * Counts the submit and every edit since, from 1.
 */
revision: number, 
/**
 * The operation that made this revision.
 */
revised_by: OpId, 
/**
 * Who changed it since its submit, the oldest first; of very many, the last
 * [`MAX_REVISIONS`].
 */
revisions: Array<Revision>, 
/**
 * Where it stands.
 */
state: OrderState, 
/**
 * What was decided.
 */
content: OrderContent, 
/**
 * What is to be paid.
 */
total_fen: string, 
/**
 * What confirmed collections have paid (invariant 4). Only the backend raises it.
 */
paid_fen: string, 
/**
 * Who made it.
 */
staff: StaffId, 
/**
 * On which terminal.
 */
terminal: TerminalId, 
/**
 * When, by that terminal's clock.
 */
ordered_at: Timestamp, };

export type SavedOrderList = { 
/**
 * Its name.
 */
name: string, 
/**
 * Whose orders.
 */
scenario: OrderScenario, 
/**
 * Which of them.
 */
conditions: Conditions, };

export type SessionView = { 
/**
 * False before enrolment.
 */
enrolled: boolean, 
/**
 * This terminal's code, e.g. T07.
 */
terminal_code: string, 
/**
 * The seller's name.
 */
seller: string, 
/**
 * Who is unlocked; `None` while locked.
 */
staff: StaffRow | null, 
/**
 * What that person may do.
 */
permissions: Array<Permission>, 
/**
 * When the lease runs out.
 */
lease_expires_at: Timestamp, 
/**
 * It has run out: no offline QR, no deposit spend (rule 9.1).
 */
lease_ended: boolean, 
/**
 * Whether online payment is switched on.
 */
online_payment: boolean, };

export type Settings = { 
/**
 * Language.
 */
language: Language, 
/**
 * Colours.
 */
theme: Theme, };

export type SlipProblem = "not_a_photo" | "too_large" | "too_many_pixels" | "unreadable";

export type SlipView = { 
/**
 * The JPEG in base64.
 */
jpeg: string, };

export type StaffChangeInput = { 
/**
 * Whom; `None` for somebody new.
 */
staff: StaffId | null, 
/**
 * The revision that was looked at; `None` for somebody new.
 */
on: number | null, 
/**
 * What is to hold.
 */
terms: StaffTerms, 
/**
 * A new PIN; `None` keeps the old one.
 */
pin: string | null, };

export type StaffEntry = { 
/**
 * What was decided.
 */
version: StaffVersion, 
/**
 * Who decided it; empty for the backend's operator.
 */
author_name: string, };

export type StaffId = string;

export type StaffMember = { 
/**
 * Who.
 */
id: StaffId, 
/**
 * Counts the changes; names what a change was made on.
 */
revision: number, 
/**
 * What holds for them.
 */
terms: StaffTerms, 
/**
 * Whether they can unlock anything.
 */
has_pin: boolean, };

export type StaffRow = { 
/**
 * Who.
 */
id: StaffId, 
/**
 * Name.
 */
name: string, 
/**
 * What they may do.
 */
role: Role, 
/**
 * Where they belong.
 */
department: DepartmentId | null, };

export type StaffTerms = { 
/**
 * Name.
 */
name: string, 
/**
 * What they may do.
 */
role: Role, 
/**
 * Where they belong.
 */
department: DepartmentId | null, 
/**
 * False once they have left.
 */
active: boolean, };

export type StaffVersion = { 
/**
 * The operation that made it; a number of its own for the operator's.
 */
op: OpId, 
/**
 * When the backend took it.
 */
at: Timestamp, 
/**
 * Who decided it; `None` for the backend's operator, who has no terminal to sign at.
 */
author: StaffId | null, 
/**
 * About whom.
 */
staff: StaffId, 
/**
 * What held before; `None` for somebody new.
 */
before: StaffTerms | null, 
/**
 * What holds from now on.
 */
after: StaffTerms, 
/**
 * The PIN was set anew.
 */
pin_reset: boolean, };

export type StaffView = { 
/**
 * Everybody as the backend's last lease has them, those who left too.
 */
members: Array<StaffMember>, 
/**
 * Own changes that are not in force.
 */
own: Array<OwnStaffChange>, };

export type Surface = "terminal_qr" | "web" | "mini_program";

export type SurfaceChannels = { 
/**
 * Which surface.
 */
surface: Surface, 
/**
 * Which channels, and why not the others.
 */
channels: ChannelsAnswer, };

export type SyncView = { 
/**
 * How it stands.
 */
connectivity: Connectivity, 
/**
 * Since when.
 */
since: Timestamp, 
/**
 * Last successful contact; `None` for never.
 */
last_contact: Timestamp | null, 
/**
 * Operations that the feed has not answered yet: a count of rows, never a flag.
 */
pending: number, 
/**
 * Open attention items.
 */
attention: number, 
/**
 * Tickets left for offline QRs.
 */
tickets_left: number, 
/**
 * Requests made since start.
 */
requests: number, 
/**
 * Date of the catalogue; `None` while it is empty.
 */
catalogue_as_of: Timestamp | null, };

export type Tag = "orders" | "collections" | "intents" | "deposits" | "distributors" | "products" | "staff" | "sync" | "session" | "drafts" | "attention" | "settings" | "display" | "config" | "history" | "bills" | "terminals";

export type TerminalAct = "code_issued" | "revoked" | "released" | "rejected";

export type TerminalChange = { 
/**
 * When.
 */
at: Timestamp, 
/**
 * Who.
 */
staff: StaffId, 
/**
 * That person's name.
 */
staff_name: string, 
/**
 * What.
 */
act: TerminalAct, 
/**
 * About which terminal: its code.
 */
terminal_code: string, 
/**
 * The kind of the operation that was decided on; empty for acts on terminals.
 */
kind: string, 
/**
 * The number of its document, where it has one.
 */
subject: string, 
/**
 * A stable word: a terminal's state, or `review`; empty for a terminal that was not there.
 */
before: string, 
/**
 * A stable word: a terminal's state, or a verdict.
 */
after: string, 
/**
 * Why; empty where no reason is asked.
 */
reason: string, };

export type TerminalCodeInput = { 
/**
 * For which terminal: T and two digits.
 */
terminal_code: string, };

export type TerminalContact = { 
/**
 * When, by the backend's clock.
 */
at: Timestamp, 
/**
 * The program's version; empty when it did not say.
 */
version: string, 
/**
 * How many operations it had then that the backend still lacks.
 */
unsynced: number, };

export type TerminalId = string;

export type TerminalRevokeInput = { 
/**
 * Which.
 */
terminal_code: string, 
/**
 * Why.
 */
reason: string, };

export type TerminalState = "awaited" | "enrolled" | "revoked";

export type TerminalView = { 
/**
 * Its code without incarnation, e.g. `T07`.
 */
terminal_code: string, 
/**
 * The code that stands in the numbers of its present incarnation, e.g. `T07A`; empty while
 * it is awaited.
 */
number_code: string, 
/**
 * Which life of its log; 0 while it is awaited.
 */
incarnation: number, 
/**
 * How far it is.
 */
state: TerminalState, 
/**
 * When its present incarnation was enrolled.
 */
enrolled_at: Timestamp | null, 
/**
 * Until when it may work without a contact.
 */
lease_ends_at: Timestamp | null, 
/**
 * Its last contact; `None` while there was none since this was kept.
 */
contact: TerminalContact | null, 
/**
 * Until when a code that was given for it can be used.
 */
code_ends_at: Timestamp | null, 
/**
 * How many of its operations wait for a review.
 */
under_review: number, };

export type TerminalsDone = { 
/**
 * How they stand.
 */
view: TerminalsView, 
/**
 * The code that was asked for; it is shown once.
 */
issued: IssuedCode | null, };

export type TerminalsView = { 
/**
 * Every terminal, by its code.
 */
terminals: Array<TerminalView>, 
/**
 * What was done, newest first.
 */
changes: Array<TerminalChange>, };

export type Theme = "light" | "dark";

export type TimelineEntry = { 
/**
 * When, by the clock of who did it.
 */
at: Timestamp, 
/**
 * An operation's kind; `attempt` and `transaction_record` for what went through a channel; `posting`
 * for what confirmed money did to the order.
 */
kind: string, 
/**
 * Who; empty when the backend did it.
 */
staff_name: string, 
/**
 * A number that it names: order, collection, provider.
 */
subject: string, 
/**
 * How much money it is about; zero for none.
 */
amount_fen: string, 
/**
 * The operation, when this terminal made it.
 */
op_id: OpId | null, 
/**
 * It was made on another terminal, or on this one before it was enrolled anew.
 */
elsewhere: boolean, 
/**
 * It is this terminal's and not answered through the feed yet.
 */
pending: boolean, 
/**
 * Why it was refused, if it was.
 */
refused: Code | null, };

export type Timestamp = number;

export type TransactionRecord = { 
/**
 * Identity.
 */
id: TransactionRecordId, 
/**
 * Which channel.
 */
channel: Channel, 
/**
 * The channel's own number; unique within the channel.
 */
provider_no: string, 
/**
 * The number we gave the attempt.
 */
out_trade_no: string, 
/**
 * Who paid, shortened for privacy.
 */
payer: string, 
/**
 * What the channel reports, before fees.
 */
gross_fen: string, 
/**
 * The channel's fee; `None` until a bill says it.
 */
fee_fen: string | null, 
/**
 * When it was paid, by the channel's clock.
 */
paid_at: Timestamp, 
/**
 * The intent it settled; `None` for money that named none of ours.
 */
intent: IntentId | null, 
/**
 * The collection it made; `None` for refundable and unidentified money.
 */
collection: CollectionId | null, 
/**
 * Whose money it is, where known.
 */
distributor: DistributorId | null, 
/**
 * Who was asked by what its number names, while the money is nobody's: a hint for people.
 */
asked: DistributorId | null, };

export type TransactionRecordId = string;

export type TransactionRecordKey = { 
/**
 * Which.
 */
transaction_record: TransactionRecordId, };

export type Unlock = { 
/**
 * Who.
 */
staff: StaffId, 
/**
 * The PIN.
 */
pin: string, };

export type WaitingWork = { 
/**
 * Which.
 */
op: OpId, 
/**
 * From which terminal: its code without incarnation.
 */
terminal_code: string, 
/**
 * Which life of that terminal's log.
 */
incarnation: number, 
/**
 * Its number in the log.
 */
seq: number, 
/**
 * What it does, e.g. `order_submit`.
 */
kind: string, 
/**
 * Who did it.
 */
staff: StaffId, 
/**
 * That person's name; empty when nobody of that id is known.
 */
staff_name: string, 
/**
 * When, by the terminal's clock.
 */
at: Timestamp, 
/**
 * When it came here.
 */
received_at: Timestamp, 
/**
 * Why it waits.
 */
cause: ReviewCause, 
/**
 * It builds on work that is not applied: that has to be released first, and if it is
 * rejected, this can only be rejected too.
 */
builds_on: boolean, 
/**
 * What it says; `None` when this program can't read it.
 */
content: WorkContent | null, };

export type WalletAct = "saved" | "tested" | "failed" | "activated" | "mini_program_bound";

export type WalletActivate = { 
/**
 * Which.
 */
binding: WalletBindingId, 
/**
 * The merchant number of the active one that it replaces.
 */
replaces: string | null, };

export type WalletBindingId = string;

export type WalletBindingKey = { 
/**
 * Which.
 */
binding: WalletBindingId, };

export type WalletChange = { 
/**
 * When.
 */
at: Timestamp, 
/**
 * Who.
 */
staff: StaffId, 
/**
 * What.
 */
act: WalletAct, 
/**
 * Before and after in a few words: merchant numbers, app ids, names.
 */
before: string, 
/**
 * As above.
 */
after: string, };

export type WalletDone = { 
/**
 * How it stands.
 */
wallet: WalletView, 
/**
 * The binding that was acted on.
 */
binding: WalletBindingId | null, };

export type WalletSave = { 
/**
 * Whose.
 */
details: BindingDetails, 
/**
 * Its keys. They are sealed for the backend before they leave, and kept nowhere here.
 */
credentials: Credentials, };

export type WalletView = { 
/**
 * Every binding, the active first, then the newest.
 */
bindings: Array<BindingView>, 
/**
 * The mini program, if one is bound.
 */
mini_program: MiniProgramView | null, 
/**
 * What was done, the newest first.
 */
changes: Array<WalletChange>, };

export type WorkContent = { 
/**
 * The number of its document.
 */
number: string, 
/**
 * The distributor's name.
 */
distributor_name: string, 
/**
 * What it comes to.
 */
amount_fen: string | null, 
/**
 * How it was paid.
 */
method: PaymentMethod | null, 
/**
 * The lines of an order.
 */
lines: Array<WorkLine>, 
/**
 * Remark, note or reason, as typed.
 */
note: string, };

export type WorkLine = { 
/**
 * The product's name.
 */
name: string, 
/**
 * How many, as typed.
 */
quantity: string, 
/**
 * Its unit.
 */
unit: string, 
/**
 * What the line comes to.
 */
amount_fen: string, };

export type WorkOffline = { 
/**
 * On or off.
 */
on: boolean, };

export interface Commands {
  session_state: { input: Nothing; output: SessionView };
  staff_list: { input: Nothing; output: Array<StaffRow> };
  unlock: { input: Unlock; output: SessionView };
  lock: { input: Nothing; output: Nothing };
  settings_get: { input: Nothing; output: Settings };
  settings_set: { input: Settings; output: Nothing };
  distributor_search: { input: DistributorSearch; output: Array<DistributorRow> };
  distributor_get: { input: DistributorKey; output: DistributorView };
  distributor_create: { input: DistributorNew; output: DistributorId };
  product_search: { input: ProductSearch; output: Array<ProductRow> };
  draft_open: { input: DraftOpen; output: DraftView };
  draft_list: { input: Nothing; output: Array<DraftRow> };
  draft_edit: { input: DraftChange; output: DraftView };
  draft_discard: { input: OrderKey; output: Nothing };
  order_confirm: { input: OrderKey; output: OrderDetail };
  order_list: { input: OrderList; output: Array<OrderRow> };
  order_fields: { input: Nothing; output: Array<OrderField> };
  order_list_setup: { input: Nothing; output: OrderListSetup };
  order_list_set_up: { input: OrderListSetup; output: Nothing };
  order_export: { input: OrderExport; output: OrderExported };
  order_detail: { input: OrderKey; output: OrderDetail };
  order_edit: { input: OrderKey; output: DraftView };
  order_cancel: { input: OrderCancelInput; output: OrderDetail };
  order_approve: { input: OrderKey; output: OrderDetail };
  order_reject: { input: OrderCancelInput; output: OrderDetail };
  order_copy: { input: OrderKey; output: DraftView };
  pay_orders: { input: PayOrders; output: PayView };
  pay_bulk: { input: PayBulk; output: Array<BulkRow> };
  pay_collection: { input: PayCollection; output: PayView };
  pay_top_up: { input: PayTopUp; output: PayView };
  pay_view: { input: IntentKey; output: PayView };
  payment_fee: { input: TransactionRecordKey; output: Fee };
  pay_live: { input: Nothing; output: Array<PayView> };
  pay_asks: { input: Nothing; output: Array<LiveAsk> };
  pay_close: { input: IntentKey; output: PayView };
  pay_proof: { input: PayProof; output: PayView };
  pay_code: { input: PayCode; output: PayCodeView };
  display_show: { input: QrKey; output: Nothing };
  open_link: { input: IntentKey; output: Nothing };
  open_phone: { input: QrKey; output: Nothing };
  display_clear: { input: Nothing; output: Nothing };
  collection_record: { input: CollectionNew; output: CollectionKey };
  collection_list: { input: CollectionList; output: Array<CollectionView> };
  collection_slip: { input: CollectionKey; output: SlipView };
  collection_confirm: { input: CollectionKey; output: Nothing };
  collection_reject: { input: CollectionRejectInput; output: Nothing };
  allocate_suggest: { input: AllocateSuggest; output: AllocationSuggestion };
  deposit_get: { input: DistributorKey; output: DepositDetail };
  deposit_pay: { input: DepositPay; output: CollectionKey };
  sync_status: { input: Nothing; output: SyncView };
  sync_now: { input: Nothing; output: Nothing };
  work_offline: { input: WorkOffline; output: Nothing };
  outbox_list: { input: Nothing; output: Array<OutboxRow> };
  attention_list: { input: Nothing; output: Array<AttentionItem> };
  refund_list: { input: RefundList; output: Array<RefundView> };
  refund_options: { input: CollectionKey; output: RefundOptions };
  refundable_list: { input: Nothing; output: Array<RefundableMoney> };
  refund_request: { input: RefundNew; output: RefundKey };
  refund_approve: { input: RefundKey; output: Nothing };
  refund_reject: { input: RefundRejectInput; output: Nothing };
  open_money: { input: Nothing; output: Array<OpenMoney> };
  match_list: { input: MatchList; output: Array<MatchRow> };
  match_propose: { input: MatchNew; output: MatchKey };
  match_approve: { input: MatchKey; output: Nothing };
  match_reject: { input: MatchRejectInput; output: Nothing };
  held_money_free: { input: HeldMoneyFreeInput; output: Nothing };
  attention_close: { input: AttentionCloseInput; output: Nothing };
  config: { input: Nothing; output: ConfigView };
  config_change: { input: ConfigChangeInput; output: ConfigView };
  config_keep: { input: Nothing; output: Nothing };
  config_history: { input: Nothing; output: Array<ConfigEntry> };
  wallet: { input: Nothing; output: WalletView };
  wallet_save: { input: WalletSave; output: WalletDone };
  wallet_test: { input: WalletBindingKey; output: WalletDone };
  wallet_activate: { input: WalletActivate; output: WalletDone };
  mini_program_bind: { input: MiniProgramBind; output: WalletDone };
  bill_list: { input: Nothing; output: Array<BillEntry> };
  bill_view: { input: BillKey; output: BillView };
  bill_fetch: { input: BillFetch; output: BillDone };
  bill_import: { input: BillImport; output: BillDone };
  staff_members: { input: Nothing; output: StaffView };
  staff_change: { input: StaffChangeInput; output: StaffView };
  staff_keep: { input: OwnStaffKey; output: Nothing };
  staff_history: { input: Nothing; output: Array<StaffEntry> };
  product_list: { input: CatalogueList; output: Array<ProductEntry> };
  price_book_list: { input: Nothing; output: Array<PriceBookEntry> };
  distributor_list: { input: CatalogueList; output: Array<Distributor> };
  catalogue_own: { input: Nothing; output: Array<OwnCatalogueChange> };
  catalogue_change: { input: CatalogueChangeInput; output: Array<OwnCatalogueChange> };
  catalogue_keep: { input: OwnCatalogueKey; output: Nothing };
  history_lines: { input: Nothing; output: Array<HistoryEntry> };
  data_import: { input: DataImport; output: ImportReport };
  terminals: { input: Nothing; output: TerminalsView };
  terminal_code: { input: TerminalCodeInput; output: TerminalsDone };
  terminal_revoke: { input: TerminalRevokeInput; output: TerminalsDone };
  review_list: { input: Nothing; output: ReviewView };
  review_release: { input: ReviewKey; output: ReviewView };
  review_reject: { input: ReviewRejectInput; output: ReviewView };
  buttons: { input: ButtonsInput; output: ButtonsView };
}

export type Access = "anybody" | "unlocked" | Permission;

export const commands: {
  readonly [C in keyof Commands]: {
    readonly access: Access;
    readonly writes: boolean;
    readonly tags: readonly Tag[];
  };
} = {
  session_state: { access: "anybody", writes: false, tags: ["session","staff","config"] },
  staff_list: { access: "anybody", writes: false, tags: ["staff"] },
  unlock: { access: "anybody", writes: true, tags: ["session"] },
  lock: { access: "anybody", writes: true, tags: ["session"] },
  settings_get: { access: "anybody", writes: false, tags: ["settings"] },
  settings_set: { access: "anybody", writes: true, tags: ["settings"] },
  distributor_search: { access: "unlocked", writes: false, tags: ["distributors"] },
  distributor_get: { access: "unlocked", writes: false, tags: ["distributors","deposits","orders","collections"] },
  distributor_create: { access: "distributor_create", writes: true, tags: ["distributors","sync"] },
  product_search: { access: "unlocked", writes: false, tags: ["products"] },
  draft_open: { access: "order_create", writes: true, tags: ["drafts"] },
  draft_list: { access: "unlocked", writes: false, tags: ["drafts"] },
  draft_edit: { access: "order_create", writes: true, tags: ["drafts"] },
  draft_discard: { access: "order_create", writes: true, tags: ["drafts","sync"] },
  order_confirm: { access: "order_create", writes: true, tags: ["orders","drafts","deposits","sync"] },
  order_list: { access: "unlocked", writes: false, tags: ["orders"] },
  order_fields: { access: "unlocked", writes: false, tags: ["session"] },
  order_list_setup: { access: "unlocked", writes: false, tags: ["settings"] },
  order_list_set_up: { access: "unlocked", writes: true, tags: ["settings"] },
  order_export: { access: "document_read", writes: true, tags: [] },
  order_detail: { access: "unlocked", writes: false, tags: ["orders","collections","intents"] },
  order_edit: { access: "order_create", writes: true, tags: ["drafts"] },
  order_cancel: { access: "order_cancel", writes: true, tags: ["orders","deposits","sync"] },
  order_approve: { access: "order_approve", writes: true, tags: ["orders","deposits","sync"] },
  order_reject: { access: "order_approve", writes: true, tags: ["orders","deposits","sync"] },
  order_copy: { access: "order_create", writes: true, tags: ["drafts"] },
  pay_orders: { access: "intent_open", writes: true, tags: ["intents","orders","drafts","sync"] },
  pay_bulk: { access: "intent_open", writes: true, tags: ["intents","orders","sync"] },
  pay_collection: { access: "intent_open", writes: true, tags: ["intents","orders","sync"] },
  pay_top_up: { access: "intent_open", writes: true, tags: ["intents","sync"] },
  pay_view: { access: "unlocked", writes: false, tags: ["intents","collections","sync"] },
  payment_fee: { access: "unlocked", writes: false, tags: ["collections","config"] },
  pay_live: { access: "unlocked", writes: false, tags: ["intents"] },
  pay_asks: { access: "unlocked", writes: false, tags: ["intents"] },
  pay_close: { access: "intent_open", writes: true, tags: ["intents","orders","sync"] },
  pay_proof: { access: "intent_open", writes: true, tags: ["intents","orders","sync"] },
  pay_code: { access: "intent_open", writes: true, tags: ["display"] },
  display_show: { access: "intent_open", writes: true, tags: ["display"] },
  open_link: { access: "intent_open", writes: true, tags: [] },
  open_phone: { access: "unlocked", writes: true, tags: [] },
  display_clear: { access: "unlocked", writes: true, tags: ["display"] },
  collection_record: { access: "collection_record", writes: true, tags: ["collections","orders","deposits","sync"] },
  collection_list: { access: "unlocked", writes: false, tags: ["collections"] },
  collection_slip: { access: "unlocked", writes: false, tags: ["collections"] },
  collection_confirm: { access: "collection_confirm", writes: true, tags: ["collections","orders","deposits","sync"] },
  collection_reject: { access: "collection_reject", writes: true, tags: ["collections","orders","sync"] },
  allocate_suggest: { access: "unlocked", writes: false, tags: ["orders","collections"] },
  deposit_get: { access: "unlocked", writes: false, tags: ["deposits","collections"] },
  deposit_pay: { access: "deposit_spend", writes: true, tags: ["deposits","collections","orders","sync"] },
  sync_status: { access: "anybody", writes: false, tags: ["sync","attention"] },
  sync_now: { access: "unlocked", writes: true, tags: ["sync"] },
  work_offline: { access: "unlocked", writes: true, tags: ["sync"] },
  outbox_list: { access: "unlocked", writes: false, tags: ["sync"] },
  attention_list: { access: "unlocked", writes: false, tags: ["attention"] },
  refund_list: { access: "unlocked", writes: false, tags: ["collections"] },
  refund_options: { access: "unlocked", writes: false, tags: ["collections","orders","deposits"] },
  refundable_list: { access: "unlocked", writes: false, tags: ["collections"] },
  refund_request: { access: "refund_request", writes: true, tags: ["collections","sync"] },
  refund_approve: { access: "refund_approve", writes: true, tags: ["collections","sync"] },
  refund_reject: { access: "refund_approve", writes: true, tags: ["collections","sync"] },
  open_money: { access: "attention_close", writes: false, tags: ["collections","deposits","intents"] },
  match_list: { access: "attention_close", writes: false, tags: ["collections","orders"] },
  match_propose: { access: "match_money_propose", writes: true, tags: ["collections","sync"] },
  match_approve: { access: "match_money_approve", writes: true, tags: ["collections","sync"] },
  match_reject: { access: "match_money_approve", writes: true, tags: ["collections","sync"] },
  held_money_free: { access: "held_money_free", writes: true, tags: ["collections","sync"] },
  attention_close: { access: "attention_close", writes: true, tags: ["attention","sync"] },
  config: { access: "unlocked", writes: false, tags: ["config","sync"] },
  config_change: { access: "configure", writes: true, tags: ["config","sync"] },
  config_keep: { access: "configure", writes: true, tags: ["config","attention","sync"] },
  config_history: { access: "configure", writes: false, tags: ["config"] },
  wallet: { access: "wallet_bind", writes: false, tags: ["config"] },
  wallet_save: { access: "wallet_bind", writes: true, tags: ["config"] },
  wallet_test: { access: "wallet_bind", writes: true, tags: ["config"] },
  wallet_activate: { access: "wallet_bind", writes: true, tags: ["config"] },
  mini_program_bind: { access: "wallet_bind", writes: true, tags: ["config"] },
  bill_list: { access: "bill_match", writes: false, tags: ["bills"] },
  bill_view: { access: "bill_match", writes: false, tags: ["bills"] },
  bill_fetch: { access: "bill_match", writes: true, tags: ["bills"] },
  bill_import: { access: "bill_match", writes: true, tags: ["bills"] },
  staff_members: { access: "staff_manage", writes: false, tags: ["staff","sync"] },
  staff_change: { access: "staff_manage", writes: true, tags: ["staff","sync"] },
  staff_keep: { access: "staff_manage", writes: true, tags: ["staff","attention","sync"] },
  staff_history: { access: "staff_manage", writes: false, tags: ["staff"] },
  product_list: { access: "catalogue_import", writes: false, tags: ["products"] },
  price_book_list: { access: "catalogue_import", writes: false, tags: ["products","distributors"] },
  distributor_list: { access: "catalogue_import", writes: false, tags: ["distributors"] },
  catalogue_own: { access: "catalogue_import", writes: false, tags: ["products","distributors","sync"] },
  catalogue_change: { access: "catalogue_import", writes: true, tags: ["products","distributors","history","sync"] },
  catalogue_keep: { access: "catalogue_import", writes: true, tags: ["products","distributors","attention","sync"] },
  history_lines: { access: "catalogue_import", writes: false, tags: ["history"] },
  data_import: { access: "catalogue_import", writes: true, tags: ["products","distributors","staff","history"] },
  terminals: { access: "terminal_manage", writes: false, tags: ["terminals","sync"] },
  terminal_code: { access: "terminal_manage", writes: true, tags: ["terminals"] },
  terminal_revoke: { access: "terminal_manage", writes: true, tags: ["terminals"] },
  review_list: { access: "review_decide", writes: false, tags: ["terminals","attention"] },
  review_release: { access: "review_decide", writes: true, tags: ["terminals"] },
  review_reject: { access: "review_decide", writes: true, tags: ["terminals"] },
  buttons: { access: "unlocked", writes: false, tags: ["config","orders","intents","session"] },
};
