/// A terminal core in memory, as much of it as the screens' tests and the preview page need. It keeps
/// the rules that screens rely on: a draft is saved at every change, waiting money is not paid money,
/// whoever records a collection doesn't confirm it.
import type { Command, Input, Output } from "../api/client";
import { commands, type AttentionItem, type Code, type CollectionView, type ConfigVersion, type ConfigView, type DraftView, type MatchRow, type OpenMoney, type OrderDetail, type OrderRow, type OwnStaffChange, type PayView, type RefundView, type SessionView, type StaffEntry, type StaffMember, type Tag, type TerminalChange, type TerminalView, type WaitingWork } from "../api/generated";
import { addMoney, compareMoney, type Fen, negateMoney } from "../money";
import type { Platform } from "../platform";
import { type Answers, configAnswers, refuse } from "./config";
import { matchAnswers } from "./matches";
import { MEMBERS, staffAnswers } from "./staff";
import { catalogueAnswers, sampleCatalogue } from "./catalogue";
import { TERMINALS, terminalAnswers, WORK } from "./terminals";
import { takeOff, times } from "./arithmetic";
import { mockQr } from "./qr";
import { refundAnswers } from "./refunds";
import { changeOrder, salesAnswers, codesOf } from "./sales";
import { billAnswers } from "./bills";
import { WALLET, walletAnswers } from "./wallet";
import { CONFIG, DISTRIBUTORS, NOW, ORDER_FIELDS, outbox, PRODUCTS, STAFF } from "./sample";

export class FakeCore {
  staff: string | null = "s1";
  enrolled = true;
  online = true;
  held = false;
  pending = 0;
  pinWait = 0;
  /** Every command is refused with this, as a core with a broken file does. */
  broken: Code | null = null;
  drafts = new Map<string, DraftView>();
  orders = new Map<string, OrderDetail>();
  intents = new Map<string, PayView>();
  collections: CollectionView[] = [];
  refunds: RefundView[] = [];
  matches: MatchRow[] = [];
  openMoney: OpenMoney[] = [];
  attention: AttentionItem[] = [];
  /** Everybody who works or worked here. */
  members: StaffMember[] = structuredClone([...MEMBERS]);
  ownStaff: OwnStaffChange[] = [];
  terminals: TerminalView[] = structuredClone([...TERMINALS]);
  work: WaitingWork[] = structuredClone([...WORK]);
  terminalChanges: TerminalChange[] = [];
  staffHistory: StaffEntry[] = [];
  catalogue = sampleCatalogue();
  /** Versions of the configuration, oldest first. */
  configs: ConfigVersion[] = [structuredClone(CONFIG)];
  ownConfig: ConfigView["own"] = null;
  wallet = structuredClone(WALLET);
  deposits: Record<string, Fen> = { d1: "800000" };
  settings: Output<"settings_get"> = { language: "zh-CN", theme: "light" };
  orderList: Output<"order_list_setup"> = { saved: [], hidden_columns: [] };
  calls: { cmd: string; input: unknown }[] = [];
  #seq = 30;
  #undo: DraftView["content"][] = [];
  #listeners = new Set<(tags: string[]) => void>();

  readonly platform: Omit<Platform, "host"> = {
    invoke: (cmd, input) => {
      this.calls.push({ cmd, input });
      return Promise.resolve().then(() => {
        if (this.broken !== null) throw this.broken;
        const answer = this.answers[cmd as Command] as ((input: unknown) => unknown) | undefined;
        if (answer === undefined) throw { code: "not_found", params: { what: cmd } } satisfies Code;
        const { writes, tags } = commands[cmd as Command];
        return { value: structuredClone(answer(input)), changed: writes ? tags : [] };
      });
    },
    subscribe: (listener) => {
      this.#listeners.add(listener);
      return () => this.#listeners.delete(listener);
    },
    watchDisplay: () => () => undefined,
  };

  /** What sync would tell the window. */
  poke(...tags: Tag[]): void {
    for (const listener of this.#listeners) listener(tags);
  }

  #number(prefix = "T07"): string {
    this.#seq += 1;
    return `${prefix}-261122-${String(this.#seq).padStart(4, "0")}`;
  }

  #draft(order: string, change: (content: DraftView["content"]) => void): DraftView {
    const held = this.drafts.get(order) ?? this.#empty(order);
    const content = structuredClone(held.content);
    this.#undo.push(held.content);
    change(content);
    return this.#save(order, held.number === "" ? this.#number() : held.number, content);
  }

  #save(order: string, number: string, content: DraftView["content"]): DraftView {
    for (const line of content.lines) line.amount_fen = takeOff(times(line.quantity, line.unit_price), line.discount);
    const lines_fen = addMoney("0", ...content.lines.map((line) => line.amount_fen));
    const total_fen = takeOff(lines_fen, content.discount);
    const view: DraftView = {
      order,
      number,
      content,
      totals: { lines_fen, discount_fen: addMoney(lines_fen, negateMoney(total_fen)), total_fen, shares_fen: [] },
      capital: `人民币（${total_fen} 分的大写）`,
      notices: content.lines.flatMap((line, at) => (compareMoney(line.amount_fen, "100") < 0 ? [{ line: at, kind: "below_floor" }] : [])),
      saved_at: NOW,
    };
    this.drafts.set(order, view);
    return view;
  }

  #empty(order: string): DraftView {
    const content: DraftView["content"] = { distributor: null, distributor_name: "", lines: [], discount: { kind: "none" }, payment_method: null, remark: "", edits: null };
    return { order, number: "", content, totals: { lines_fen: "0", discount_fen: "0", total_fen: "0", shares_fen: [] }, capital: "人民币零元整", notices: [], saved_at: NOW };
  }

  /** Makes an order of a draft, or changes the one that it is about; sample data is made the same way. */
  submit(order: string): OrderDetail {
    const draft = this.drafts.get(order);
    if (draft === undefined) return this.orders.get(order) ?? refuse({ code: "not_found", params: { what: "draft" } });
    const { distributor, lines } = draft.content;
    if (lines.length === 0) return refuse({ code: "empty_order" });
    if (distributor === null) return refuse({ code: "bad_field", params: { field: "distributor" } });
    this.drafts.delete(order);
    this.pending += 1;
    const { total_fen } = draft.totals;
    const changed = this.orders.get(order);
    if (changed !== undefined) return changeOrder(changed, { ...draft.content, distributor }, total_fen);
    const detail: OrderDetail = {
      order: {
        order: { id: order, number: draft.number, revision: 1, revised_by: "op", revisions: [], state: "confirmed", content: { ...draft.content, distributor }, total_fen, paid_fen: "0", staff: this.staff ?? "s1", terminal: "T", ordered_at: NOW - this.orders.size * 1_000 },
        payment_state: "unpaid",
        owed_fen: total_fen,
        waiting_fen: "0",
        asked_fen: "0",
        live_intents: [],
        pending: true,
        attention: null,
      },
      capital: draft.capital,
      collections: [],
      intents: [],
      transaction_records: [],
      timeline: [{ at: NOW, kind: "order_submit", staff_name: "销售 01", subject: draft.number, amount_fen: total_fen, op_id: "op", elsewhere: false, pending: true, refused: null }],
    };
    this.orders.set(order, detail);
    return detail;
  }

  open(distributor: string, amount_fen: Fen, orders: readonly string[]): PayView {
    const id = `I${this.intents.size + 1}`;
    const name = DISTRIBUTORS.find((one) => one.id === distributor)?.name ?? "";
    const modules = this.online ? 41 : 61;
    const view: PayView = {
      intent: {
        intent: { id, purpose: orders.length > 0 ? "order_payment" : "prepaid_deposit", distributor, amount_fen, allocations: orders.map((order) => ({ order, amount_fen })), revision: 1, state: this.online ? "presented" : "created", unknown: false, proved_offline: false, pay_code: null, check_code: "4827", expires_at: NOW + 900_000, outcome: null, collection: null, staff: "s1", terminal: "T", opened_by: "op", opened_at: NOW },
        closing: false,
        pending: !this.online,
        attention: null,
      },
      capital: "陆仟叁佰零陆元整",
      distributor_name: name,
      order_numbers: orders.map((order) => this.orders.get(order)?.order.order.number ?? ""),
      link: `http://127.0.0.1/p/${id}`,
      ...codesOf(this.online, this.config),
      offline_link: !this.online,
      qr_svg: mockQr(modules),
      qr_modules: modules,
      left_ms: 822_000,
      tickets_left: 46,
      online: this.online,
      collection: null,
      transaction_record: null,
    };
    this.intents.set(id, view);
    for (const order of orders) {
      const held = this.orders.get(order);
      if (held !== undefined) Object.assign(held.order, { live_intents: [id], asked_fen: amount_fen });
    }
    return view;
  }

  /** What the backend's word does to an intent. */
  settle(intent: string, outcome: NonNullable<PayView["intent"]["intent"]["outcome"]> = "exact"): void {
    const view = this.#intent(intent);
    const { intent: body } = view.intent;
    Object.assign(body, { state: "paid", outcome });
    view.collection = this.#collection({ distributor: body.distributor, purpose: body.purpose, method: "qr_code", amount_fen: body.amount_fen, allocations: body.allocations, note: "", slip: null }, "confirmed");
    view.transaction_record = { id: "r1", channel: "wechat_pay", provider_no: "4200002874202611227781", out_trade_no: "FT01", payer: "oUpF8…7781", gross_fen: body.amount_fen, fee_fen: null, paid_at: NOW, intent, collection: "c", distributor: body.distributor, asked: null };
    for (const { order } of body.allocations) {
      this.orders.get(order)?.transaction_records.push(view.transaction_record);
      const held = this.orders.get(order)?.order;
      if (held === undefined) continue;
      held.order.paid_fen = held.order.total_fen;
      Object.assign(held, { payment_state: "paid", owed_fen: "0", live_intents: [], asked_fen: "0", pending: false });
    }
    this.poke("intents", "orders", "collections");
  }

  #intent(id: string): PayView {
    return this.intents.get(id) ?? refuse({ code: "not_found", params: { what: "intent" } });
  }

  #collection({ slip, ...input }: Input<"collection_record">, state: "under_review" | "confirmed"): CollectionView {
    const view: CollectionView = {
      collection: { id: `c${this.collections.length + 1}`, number: this.#number(state === "confirmed" ? "HQ" : "T07"), ...input, distributor_name: DISTRIBUTORS.find((one) => one.id === input.distributor)?.name ?? "", state, slip_sha256: slip === null ? "" : "5e1f", unapplied_fen: "0", refunded_fen: "0", moved_fen: "0", recorded_by: state === "confirmed" ? null : this.staff, decided_by: null, reason: "", intent: null, transaction_record: state === "confirmed" ? "r1" : null, terminal: "T", recorded_at: NOW + this.collections.length * 60_000, after_lease: false },
      deciding: null,
      pending: state !== "confirmed",
      attention: null,
    };
    this.collections.unshift(view);
    return view;
  }

  #row({ order }: OrderDetail): OrderRow {
    const { id, number, content, state, total_fen, paid_fen, ordered_at } = order.order;
    return { id, number, distributor: content.distributor, distributor_name: content.distributor_name, state, payment_state: order.payment_state, total_fen, paid_fen, waiting_fen: order.waiting_fen, asked_fen: order.asked_fen, ordered_at, pending: order.pending, attention: order.attention !== null };
  }

  #open(distributor: string): OrderDetail[] {
    return [...this.orders.values()].filter(({ order }) => order.order.content.distributor === distributor && compareMoney(order.owed_fen, "0") > 0);
  }

  #session(): SessionView {
    const staff = STAFF.find((one) => one.id === this.staff) ?? null;
    const sales: SessionView["permissions"] = ["document_read", "order_create", "order_cancel", "intent_open", "collection_record", "deposit_spend", "distributor_create", "refund_request"];
    const finance: SessionView["permissions"] = [...sales, "collection_confirm", "collection_reject", "refund_approve", "attention_close", "bill_match", "review_decide"];
    const two: SessionView["permissions"] = staff?.role === "finance_lead" ? ["match_money_approve", "held_money_free", "order_approve"] : ["match_money_propose"];
    const permissions = staff === null ? [] : staff.role === "sales" ? sales : [...finance, ...two];
    const admin: SessionView["permissions"] = ["document_read", "configure", "staff_manage", "catalogue_import", "terminal_manage"];
    return { enrolled: this.enrolled, terminal_code: "T07", seller: "锦绣家纺有限公司", staff, permissions: staff?.role === "admin" ? admin : permissions, lease_expires_at: NOW + 200_000_000, lease_ended: false, online_payment: this.config.config.online_payment_enabled };
  }

  get config(): ConfigVersion {
    return this.configs.at(-1) ?? CONFIG;
  }

  readonly answers: Answers = {
    session_state: () => this.#session(),
    staff_list: () => [...STAFF],
    unlock: ({ staff, pin }) => {
      if (pin !== "1234") return refuse({ code: "wrong_pin", params: { wait_s: this.pinWait } });
      this.staff = staff;
      return this.#session();
    },
    lock: () => {
      this.staff = null;
      return {};
    },
    settings_get: () => this.settings,
    settings_set: (input) => {
      this.settings = input;
      return {};
    },
    distributor_get: ({ distributor }) => ({
      distributor: DISTRIBUTORS.find((one) => one.id === distributor) ?? refuse({ code: "not_found", params: { what: "distributor" } }),
      price_book_name: "西南一级",
      owed_fen: addMoney("0", ...this.#open(distributor).map(({ order }) => order.owed_fen)),
      unapplied_fen: "0",
      deposit_fen: this.deposits[distributor] ?? "0",
      reserve_fen: compareMoney(this.deposits[distributor] ?? "0", "300000") > 0 ? "300000" : (this.deposits[distributor] ?? "0"),
      as_of: NOW - 660_000,
    }),
    draft_open: ({ order, fresh }) => {
      if (order !== null) return this.drafts.get(order) ?? refuse({ code: "not_found", params: { what: "draft" } });
      const last = [...this.drafts.values()].findLast(({ content }) => content.edits === null);
      return fresh || last === undefined ? this.#empty(`o${this.orders.size + this.drafts.size + 1}`) : last;
    },
    draft_list: () =>
      [...this.drafts.values()].map(({ order, number, content, totals, saved_at }) => ({ order, number, distributor_name: content.distributor_name, lines: content.lines.length, total_fen: totals.total_fen, edits: content.edits !== null, saved_at })),
    draft_edit: (input) => {
      if (input.edit === "undo") {
        const before = this.#undo.pop();
        const held = this.drafts.get(input.order);
        return held === undefined || before === undefined ? (held ?? this.#empty(input.order)) : this.#save(input.order, held.number, before);
      }
      return this.#draft(input.order, (content) => this.#apply(content, input));
    },
    draft_discard: ({ order }) => {
      this.drafts.delete(order);
      return {};
    },
    order_confirm: ({ order }) => this.submit(order),
    order_list: ({ payment_states, distributor, query, before }) =>
      [...this.orders.values()]
        .map((detail) => this.#row(detail))
        .filter((row) => payment_states.length === 0 || payment_states.includes(row.payment_state))
        .filter((row) => (distributor === null || row.distributor === distributor) && `${row.number} ${row.distributor_name}`.includes(query))
        .filter((row) => before === null || row.ordered_at < before)
        .toSorted((a, b) => b.ordered_at - a.ordered_at)
        .slice(0, 100),
    order_fields: () => ORDER_FIELDS,
    order_list_setup: () => this.orderList,
    order_list_set_up: (input) => {
      this.orderList = input;
      return {};
    },
    order_export: () => ({ file: "/data/exports/orders-20261122-104105.csv", rows: this.orders.size }),
    order_detail: ({ order }) => this.orders.get(order) ?? refuse({ code: "not_found", params: { what: "order" } }),
    order_cancel: ({ order }) => this.orders.get(order) ?? refuse({ code: "not_found", params: { what: "order" } }),
    order_copy: ({ order }) => {
      const held = this.orders.get(order) ?? refuse({ code: "not_found", params: { what: "order" } });
      const { content } = held.order.order;
      return this.#save(`o${this.orders.size + 50}`, this.#number(), { ...content, lines: content.lines.map((line) => ({ ...line, price_typed: false })), edits: null });
    },
    pay_orders: ({ orders, amount_fen }) => {
      const details = orders.map((order) => this.submit(order));
      const [first] = details;
      if (first === undefined) return refuse({ code: "empty_order" });
      if (first.order.live_intents.length > 0) return refuse({ code: "already_asked" });
      const owed = addMoney("0", ...details.map(({ order }) => order.owed_fen));
      return this.open(first.order.order.content.distributor, amount_fen ?? owed, orders);
    },
    pay_top_up: ({ distributor, amount_fen }) => this.open(distributor, amount_fen, []),
    pay_view: ({ intent }) => this.#intent(intent),
    pay_live: () => [...this.intents.values()].filter(({ intent }) => !["paid", "expired", "closed"].includes(intent.intent.state)),
    pay_close: ({ intent }) => {
      const view = this.#intent(intent);
      if (this.online) view.intent.intent.state = "closed";
      else view.intent.closing = true;
      for (const { order } of view.intent.intent.allocations) {
        const held = this.orders.get(order);
        if (held !== undefined && this.online) Object.assign(held.order, { live_intents: [], asked_fen: "0" });
      }
      return view;
    },
    pay_proof: ({ intent, proof }) => {
      if (proof.toUpperCase() !== "7K3QX2MP") return refuse({ code: "bad_proof", params: { tries_left: 4 } });
      const view = this.#intent(intent);
      view.intent.intent.proved_offline = true;
      return view;
    },
    display_show: () => ({}),
    open_phone: () => ({}),
    display_clear: () => ({}),
    collection_record: (input) => ({ collection: this.#collection(input, "under_review").collection.id }),
    collection_list: ({ under_review_only, distributor, before }) =>
      this.collections.filter(
        ({ collection }) =>
          before === null &&
          (!under_review_only || collection.state === "under_review") &&
          (distributor === null || collection.distributor === distributor),
      ),
    collection_confirm: ({ collection }) => {
      const held = this.collections.find((one) => one.collection.id === collection);
      if (held === undefined) return refuse({ code: "not_found", params: { what: "collection" } });
      if (held.collection.recorded_by === this.staff) return refuse({ code: "same_person" });
      held.deciding = "confirm";
      return {};
    },
    collection_reject: ({ collection, reason }) => {
      const held = this.collections.find((one) => one.collection.id === collection);
      if (held !== undefined) Object.assign(held, { deciding: "reject", collection: { ...held.collection, reason } });
      return {};
    },
    ...refundAnswers(this),
    allocate_suggest: ({ distributor, amount_fen }) => {
      let rest = amount_fen;
      const rows = this.#open(distributor).map(({ order }) => {
        const part = compareMoney(rest, order.owed_fen) < 0 ? rest : order.owed_fen;
        rest = addMoney(rest, negateMoney(part));
        return { order: order.order.id, number: order.order.number, ordered_at: order.order.ordered_at, owed_fen: order.owed_fen, waiting_fen: order.waiting_fen, amount_fen: part };
      });
      return { rows, rest_fen: rest, as_of: NOW - 660_000 };
    },
    deposit_get: ({ distributor }) => {
      const balance_fen = this.deposits[distributor];
      return {
        distributor,
        distributor_name: DISTRIBUTORS.find((one) => one.id === distributor)?.name ?? "",
        deposit: balance_fen === undefined ? null : { distributor, balance_fen, reserve_fen: "300000", waiting_fen: "0", unapplied_fen: "0", owed_fen: "0", as_of: NOW, pending: false },
        entries: this.collections
          .filter(({ collection }) => collection.distributor === distributor && (collection.purpose === "prepaid_deposit" || collection.method === "deposit"))
          .map((collection) => ({ collection, amount_fen: collection.collection.method === "deposit" ? negateMoney(collection.collection.amount_fen) : collection.collection.amount_fen })),
      };
    },
    deposit_pay: ({ order, amount_fen }) => {
      const held = this.orders.get(order) ?? refuse({ code: "not_found", params: { what: "order" } });
      const amount = amount_fen ?? held.order.owed_fen;
      held.order.waiting_fen = amount;
      return { collection: this.#collection({ distributor: held.order.order.content.distributor, purpose: "order_payment", method: "deposit", amount_fen: amount, allocations: [{ order, amount_fen: amount }], note: "", slip: null }, "under_review").collection.id };
    },
    sync_status: () => ({ connectivity: this.held ? "work_offline" : this.online ? "online" : "offline", since: NOW - 540_000, last_contact: NOW - 660_000, pending: this.pending, attention: this.attention.length, tickets_left: 46, requests: 128, catalogue_as_of: NOW - 660_000 }),
    sync_now: () => ((this.pending = 0), {}),
    work_offline: ({ on }) => {
      this.held = on;
      this.online = !on;
      return {};
    },
    outbox_list: () => outbox(this.pending),
    ...matchAnswers(this),
    ...salesAnswers(this),
    ...configAnswers(this),
    ...walletAnswers(this),
    ...billAnswers(this),
    ...staffAnswers(this),
    ...catalogueAnswers(this),
    ...terminalAnswers(this),
  };

  #apply(content: DraftView["content"], input: Input<"draft_edit">): void {
    const at = "line" in input ? content.lines[input.line] : undefined;
    switch (input.edit) {
      case "set_distributor": {
        content.distributor = input.distributor;
        content.distributor_name = DISTRIBUTORS.find((one) => one.id === input.distributor)?.name ?? "";
        break;
      }
      case "add_line":
        this.#add(content, input.product, input.quantity);
        break;
      case "paste":
        for (const [row, text] of input.text.trim().split("\n").entries()) {
          const [code = "", quantity = "1"] = text.split("\t");
          const product = PRODUCTS.find((one) => one.code === code.trim());
          if (product === undefined) refuse({ code: "bad_field", params: { field: `row ${row + 1}: code` } });
          else this.#add(content, product.id, quantity.trim());
        }
        break;
      case "set_quantity":
        if (at !== undefined) at.quantity = input.quantity;
        break;
      case "set_price":
        if (at !== undefined) Object.assign(at, { unit_price: input.unit_price, price_typed: true });
        break;
      case "set_line_discount":
        if (at !== undefined) at.discount = input.discount;
        break;
      case "duplicate_line":
        if (at !== undefined) content.lines.splice(input.line, 0, structuredClone(at));
        break;
      case "remove_line":
        content.lines.splice(input.line, 1);
        break;
      case "set_discount":
        content.discount = input.discount;
        break;
      case "set_remark":
        content.remark = input.remark;
        break;
      default:
        break;
    }
  }

  #add(content: DraftView["content"], id: string, quantity: string): void {
    const product = PRODUCTS.find((one) => one.id === id);
    if (product === undefined) return;
    const { code, name, unit, unit_price, price_book, as_of } = product;
    content.lines.push({ product: id, code, name, unit, quantity, unit_price, discount: { kind: "none" }, price_book, price_as_of: as_of, amount_fen: "0", price_typed: false });
  }
}

/** A core with a morning's work in it. */
export function busyCore(count = 40): FakeCore {
  const core = new FakeCore();
  for (let at = 0; at < count; at += 1) {
    const order = `sample${at}`;
    core.answers.draft_edit({ order, edit: "set_distributor", distributor: `d${(at % 6) + 1}` });
    for (let line = 0; line <= at % 4; line += 1) {
      core.answers.draft_edit({ order, edit: "add_line", product: PRODUCTS[(at + line) % PRODUCTS.length]?.id ?? "", quantity: String((at % 5) + 1) });
    }
    const { order: view } = core.submit(order);
    view.pending = at % 7 === 0;
    const half = (BigInt(view.order.total_fen) / 2n).toString();
    if (at % 4 === 0) Object.assign(view, { payment_state: "paid", owed_fen: "0", order: { ...view.order, paid_fen: view.order.total_fen } });
    if (at % 4 === 1) Object.assign(view, { waiting_fen: half });
    if (at % 4 === 2) Object.assign(view, { payment_state: "partly_paid", owed_fen: half, order: { ...view.order, paid_fen: addMoney(view.order.total_fen, negateMoney(half)) } });
    if (at === 7) Object.assign(view, { payment_state: "overpaid", owed_fen: "0", order: { ...view.order, paid_fen: addMoney(view.order.total_fen, "60000") } });
  }
  core.pending = 3;
  return core;
}
