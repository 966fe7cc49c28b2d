/// How a person's changes lie over the suggested allocation. Sums are in BigInt; the core checks them
/// again and decides.
import type { AllocationRow, OrderId } from "../../api/generated";
import { addMoney, compareMoney, type Fen, takeMoney } from "../../money";

export type Typed = Readonly<Record<OrderId, Fen>>;

export interface Allocated {
  rows: readonly AllocationRow[];
  /** What pays none of them; negative when too much is allocated. */
  rest: Fen;
}

/** The suggestion with what was typed by hand in its place. */
export function allocated(amount: Fen, suggested: readonly AllocationRow[], typed: Typed): Allocated {
  const rows = suggested.map((row) => ({ ...row, amount_fen: typed[row.order] ?? row.amount_fen }));
  const sum = addMoney(...rows.map((row) => row.amount_fen));
  return { rows, rest: takeMoney(amount, sum) };
}

/** Money that was brought for one order goes to it first; the rest oldest first, as suggested. */
export function favour(amount: Fen, suggested: readonly AllocationRow[], order: OrderId): Typed {
  const chosen = suggested.find((row) => row.order === order);
  if (chosen === undefined) return {};
  let left = amount;
  const take = (owed: Fen): Fen => {
    const part = compareMoney(left, owed) < 0 ? left : owed;
    left = takeMoney(left, part);
    return part;
  };
  const typed: Record<OrderId, Fen> = { [order]: take(chosen.owed_fen) };
  for (const row of suggested) if (row.order !== order) typed[row.order] = take(row.owed_fen);
  return typed;
}
