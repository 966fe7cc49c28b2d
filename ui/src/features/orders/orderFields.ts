/// What an order can be asked and exported by, in words; the core says what there is.
import { useMemo } from "react";
import type { ExportColumn, OrderField, StaffRow } from "../../api/generated";
import { useRead } from "../../api/hooks";
import type { ConditionField } from "../../components/ConditionBuilder";
import { useT } from "../../i18n";
import { words } from "../../i18n/words";

const NO_FIELDS: readonly OrderField[] = [];
const NO_STAFF: readonly StaffRow[] = [];

const options = (of: Record<string, string>) => Object.entries(of).map(([value, label]) => ({ value, label }));

/** The fields in the order of their names in the catalogue; one that has no name yet stands last. */
export function useOrderFields(): readonly ConditionField[] {
  const w = useT(words);
  const fields = useRead("order_fields", {}).data ?? NO_FIELDS;
  const staff = useRead("staff_list", {}).data ?? NO_STAFF;
  return useMemo(() => {
    const labels: Record<string, string> = w.orderFields;
    const order = Object.keys(labels);
    const place = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
    const choices: Record<string, { value: string; label: string }[]> = {
      state: options(w.orderStates),
      payment_state: options(w.paymentStates),
      payment_method: options(w.methods),
      staff: staff.map(({ id, name }) => ({ value: id, label: name })),
    };
    return fields
      .map(({ name, field_type, operators }) => {
        const of = choices[name];
        return { name, label: labels[name] ?? name, type: field_type, operators, ...(of === undefined ? {} : { options: of }) };
      })
      .toSorted((a, b) => place(a.name) - place(b.name));
  }, [fields, staff, w]);
}

/** The fields behind each column of the list. */
const BEHIND: Record<string, readonly string[]> = {
  number: ["number"],
  distributor: ["distributor_name"],
  at: ["ordered_at"],
  total: ["total_fen"],
  paid: ["paid_fen"],
  payment: ["payment_state", "waiting_fen"],
  sync: ["state", "pending"],
};

/** What the shown columns are as columns of a file, in the words of the window. */
export function exportColumns(shown: readonly string[], fields: readonly ConditionField[], t: { yes: string; no: string }): ExportColumn[] {
  return shown
    .flatMap((id) => BEHIND[id] ?? [])
    .map((field) => {
      const of = fields.find(({ name }) => name === field);
      const flags: Record<string, string> = of?.type === "boolean" ? { true: t.yes, false: t.no } : {};
      return { field, title: of?.label ?? field, words: { ...flags, ...Object.fromEntries((of?.options ?? []).map(({ value, label }) => [value, label])) } };
    });
}
