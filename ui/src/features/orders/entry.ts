/// What people type while they enter an order, as data: `5*ssc`, `2.5`, `5%`, `10.00`. Quantities and
/// prices stay strings; the core reads them with the arithmetic that both sides share.
import type { LineDiscount, OrderView } from "../../api/generated";
import { editableAmount, type Fen, halfWidth, parseMoney, takeMoney } from "../../money";

export interface Entry {
  quantity: string;
  query: string;
}

const TIMES = /^\s*(\d{1,9}(?:\.\d{1,6})?)\s*[*x×]\s*(.*)$/i;

/** `5*ssc` is five of what `ssc` finds; anything else is one. */
export function parseEntry(text: string): Entry {
  const plain = halfWidth(text).replaceAll("×", "*");
  const match = TIMES.exec(plain);
  // `x` alone may begin a name (x123); it multiplies only after a number and before something.
  if (match === null || match[2] === "") return { quantity: "1", query: text.trim() };
  return { quantity: match[1] ?? "1", query: (match[2] ?? "").trim() };
}

const positive = (text: string, places: number): string | null => {
  const plain = halfWidth(text).replace(/[\s,]/g, "");
  const ok = new RegExp(`^\\d{1,9}(\\.\\d{1,${places}})?$`).test(plain);
  return ok ? plain : null;
};

/** A quantity above zero with at most six places, or null. */
export function parseQuantity(text: string): string | null {
  const plain = positive(text, 6);
  return plain === null || /^[0.]+$/.test(plain) ? null : plain;
}

/** Yuan per unit, zero allowed, at most six places; null when it is none. */
export function parsePrice(text: string): string | null {
  return positive(text.replace(/[¥￥]/g, ""), 6);
}

/** `5%`, an amount in yuan, or nothing; null when it is neither. */
export function parseDiscount(text: string): LineDiscount | null {
  const plain = halfWidth(text).replace("％", "%").trim();
  if (plain === "" || plain === "-" || plain === "–") return { kind: "none" };
  const share = /^(\d{1,3}(?:\.\d{1,4})?)\s*%$/.exec(plain);
  if (share !== null) {
    const value = share[1] ?? "0";
    if (Number(value) > 100) return null;
    return /^[0.]+$/.test(value) ? { kind: "none" } : { kind: "percent", value };
  }
  const fen = parseMoney(plain);
  if (fen === null || fen.startsWith("-")) return null;
  return fen === "0" ? { kind: "none" } : { kind: "amount", value: fen };
}

export function discountText(discount: LineDiscount): string {
  if (discount.kind === "none") return "";
  return discount.kind === "percent" ? `${discount.value}%` : editableAmount(discount.value);
}

/** What can still be asked for: owed, and neither waiting nor asked by a live QR. */
export function freeOf({ owed_fen, asked_fen, waiting_fen }: Pick<OrderView, "owed_fen" | "asked_fen" | "waiting_fen">): Fen {
  const free = takeMoney(owed_fen, asked_fen, waiting_fen);
  return free.startsWith("-") ? "0" : free;
}

const PLACES = 6;

/** One more or one less; null where nothing would be left. */
export function stepQuantity(quantity: string, by: 1 | -1): string | null {
  const [whole = "0", part = ""] = quantity.split(".");
  const unit = 10n ** BigInt(PLACES);
  const next = BigInt(whole + part.padEnd(PLACES, "0")) + BigInt(by) * unit;
  if (next <= 0n) return null;
  const digits = next.toString().padStart(PLACES + 1, "0");
  const tail = digits.slice(-PLACES).replace(/0+$/, "");
  return digits.slice(0, -PLACES) + (tail === "" ? "" : `.${tail}`);
}

/** `9` and `9.5` as `9.00` and `9.50`; finer prices as they are. */
export function priceText(price: string): string {
  const [whole = "0", part = ""] = price.split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ",")}.${part.padEnd(2, "0")}`;
}
