/// What the core in memory reckons an order by: enough for screens, not the arithmetic of record.
import type { DraftLine } from "../api/generated";
import { addMoney, type Fen, negateMoney } from "../money";

const MICRO = 1_000_000n;
const micro = (text: string): bigint => {
  const [whole = "0", part = ""] = text.split(".");
  return BigInt(whole) * MICRO + BigInt(part.padEnd(6, "0"));
};
/** Quantity × price in fen, half away from zero. */
export const times = (quantity: string, price: string): Fen => ((micro(quantity) * micro(price) * 100n + MICRO * MICRO / 2n) / (MICRO * MICRO)).toString();
export const takeOff = (fen: Fen, discount: DraftLine["discount"]): Fen => {
  if (discount.kind === "none") return fen;
  if (discount.kind === "amount") return addMoney(fen, negateMoney(discount.value));
  return ((BigInt(fen) * (100n * MICRO - micro(discount.value)) + 50n * MICRO) / (100n * MICRO)).toString();
};
