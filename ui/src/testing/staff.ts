/// Staff's part of the core in memory.
import type { OwnStaffChange, StaffEntry, StaffMember } from "../api/generated";
import { type Answers, refuse } from "./config";
import { NOW, STAFF } from "./sample";

/** What of the core it works on. */
interface Held {
  members: StaffMember[];
  ownStaff: OwnStaffChange[];
  staffHistory: StaffEntry[];
  online: boolean;
  staff: string | null;
}

export const MEMBERS: readonly StaffMember[] = STAFF.map(({ id, name, role, department }) => ({ id, revision: 1, terms: { name, role, department, active: true }, has_pin: true }));

type Part = Pick<Answers, "staff_members" | "staff_change" | "staff_keep" | "staff_history">;

export function staffAnswers(core: Held): Part {
  const view = () => ({ members: structuredClone(core.members), own: [...core.ownStaff] });
  return {
    staff_members: view,
    staff_change: ({ staff, on, terms, pin }) => {
      const held = core.members.find((one) => one.id === staff);
      if (held !== undefined && held.revision !== on) return refuse({ code: "conflict", params: { held: held.revision } });
      const admins = core.members.filter((one) => one.id !== staff && one.terms.active && one.terms.role === "admin");
      if (admins.length === 0 && !(terms.active && terms.role === "admin")) return refuse({ code: "last_admin" });
      const id = staff ?? `s${core.members.length + 1}`;
      const op = `staff-op${core.staffHistory.length + core.ownStaff.length}`;
      core.ownStaff = core.ownStaff.filter((one) => one.staff !== id);
      if (!core.online) {
        core.ownStaff.push({ op, staff: id, terms, refused: null });
        return view();
      }
      const version = { op, at: NOW, author: core.staff ?? "", staff: id, before: held?.terms ?? null, after: terms, pin_reset: pin !== null };
      core.staffHistory.unshift({ version, author_name: STAFF.find((one) => one.id === core.staff)?.name ?? "" });
      core.members = [...core.members.filter((one) => one.id !== id), { id, revision: (held?.revision ?? 0) + 1, terms, has_pin: pin !== null || held?.has_pin === true }];
      return view();
    },
    staff_keep: ({ op }) => {
      core.ownStaff = core.ownStaff.filter((one) => one.op !== op);
      return {};
    },
    staff_history: () => [...core.staffHistory],
  };
}
