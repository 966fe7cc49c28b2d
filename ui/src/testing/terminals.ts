/// Terminals and work under review of the core in memory: as the backend would answer.
import type { ReviewView, StaffId, TerminalChange, TerminalsView, TerminalView, WaitingWork } from "../api/generated";
import { type Answers, refuse } from "./config";
import { NOW, STAFF } from "./sample";

/** What of the core it works on. */
interface Held {
  terminals: TerminalView[];
  work: WaitingWork[];
  terminalChanges: TerminalChange[];
  online: boolean;
  staff: StaffId | null;
}

const HOUR = 3_600_000;

const enrolled = (terminal_code: string, minutes: number, unsynced: number): TerminalView => ({
  terminal_code,
  number_code: terminal_code,
  incarnation: 1,
  state: "enrolled",
  enrolled_at: NOW - 30 * 24 * HOUR,
  lease_ends_at: NOW - minutes * 60_000 + 72 * HOUR,
  contact: { at: NOW - minutes * 60_000, version: "0.1.0", unsynced },
  code_ends_at: null,
  under_review: 0,
});

export const TERMINALS: readonly TerminalView[] = [
  enrolled("T01", 0, 0),
  { ...enrolled("T02", 190, 3), number_code: "T02A", incarnation: 2 },
  { ...enrolled("T07", 26 * 60, 0), state: "revoked", under_review: 3 },
];

const work = (at: number, of: Pick<WaitingWork, "kind" | "content"> & Partial<WaitingWork>): WaitingWork => ({
  op: `review${at}`,
  terminal_code: "T07",
  incarnation: 1,
  seq: 41 + at,
  staff: "s1",
  staff_name: "销售 01",
  at: NOW - 26 * HOUR + at * 60_000,
  received_at: NOW - 2 * HOUR,
  cause: "revoked",
  builds_on: false,
  ...of,
});

const says = { number: "T07-261121-0012", distributor_name: "成都锦里商贸有限公司", amount_fen: "93600", method: null, note: "" };

export const WORK: readonly WaitingWork[] = [
  work(0, {
    kind: "order_submit",
    content: {
      ...says,
      lines: [
        { name: "双宫茧桑蚕丝被", quantity: "1", unit: "件", amount_fen: "69900" },
        { name: "皇室御用超柔毛巾", quantity: "4", unit: "条", amount_fen: "23700" },
      ],
    },
  }),
  work(1, { kind: "order_cancel", builds_on: true, content: { ...says, lines: [], note: "客户退单" } }),
  work(2, { kind: "collection_record", content: { ...says, number: "C-T07-261121-0004", amount_fen: "50000", method: "cash", lines: [], note: "收据 0044" } }),
];

type Part = Pick<Answers, "terminals" | "terminal_code" | "terminal_revoke" | "review_list" | "review_release" | "review_reject">;

export function terminalAnswers(core: Held): Part {
  const reach = (): void => {
    if (!core.online) refuse({ code: "unreachable" });
  };
  const view = (): TerminalsView => {
    reach();
    return { terminals: core.terminals, changes: core.terminalChanges };
  };
  const review = (): ReviewView => {
    reach();
    const decided = core.terminalChanges.filter(({ act }) => act === "released" || act === "rejected");
    return { work: core.work, total: core.work.length, decided };
  };
  const note = (change: Omit<TerminalChange, "at" | "staff" | "staff_name">): void => {
    const staff_name = STAFF.find((one) => one.id === core.staff)?.name ?? "";
    core.terminalChanges.unshift({ at: NOW + core.terminalChanges.length, staff: core.staff ?? "", staff_name, ...change });
  };
  const find = (op: string): WaitingWork => core.work.find((one) => one.op === op) ?? refuse({ code: "already_decided" });
  const decide = (op: string, act: "released" | "rejected", reason: string): ReviewView => {
    reach();
    const { kind, terminal_code, content, staff, builds_on } = find(op);
    if (staff === core.staff) return refuse({ code: "same_person" });
    if (builds_on && act === "released") return refuse({ code: "builds_on_unapplied" });
    core.work = core.work.filter((one) => one.op !== op).map((one) => (act === "released" ? { ...one, builds_on: false } : one));
    note({ act, terminal_code, kind, subject: content?.number ?? "", before: "review", after: act === "released" ? "applied" : "rejected", reason });
    return review();
  };
  return {
    terminals: view,
    terminal_code: ({ terminal_code }) => {
      reach();
      if (!/^[A-Z]\d\d$/.test(terminal_code)) return refuse({ code: "bad_field", params: { field: "terminal_code" } });
      const ends_at = NOW + 600_000;
      const held = core.terminals.find((one) => one.terminal_code === terminal_code);
      if (held !== undefined) held.code_ends_at = ends_at;
      else core.terminals.push({ ...enrolled(terminal_code, 0, 0), number_code: "", incarnation: 0, state: "awaited", enrolled_at: null, lease_ends_at: null, contact: null, code_ends_at: ends_at });
      note({ act: "code_issued", terminal_code, kind: "", subject: "", before: held?.state ?? "", after: held?.state ?? "awaited", reason: "" });
      return { view: view(), issued: { terminal_code, code: "7K3M9QXA", ends_at } };
    },
    terminal_revoke: ({ terminal_code, reason }) => {
      reach();
      const held = core.terminals.find((one) => one.terminal_code === terminal_code);
      if (held === undefined) return refuse({ code: "not_enrolled" });
      held.state = "revoked";
      note({ act: "revoked", terminal_code, kind: "", subject: "", before: "enrolled", after: "revoked", reason });
      return { view: view(), issued: null };
    },
    review_list: review,
    review_release: ({ op }) => decide(op, "released", ""),
    review_reject: ({ op, reason }) => decide(op, "rejected", reason),
  };
}
