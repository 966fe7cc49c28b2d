/// Money crosses as a string of integer fen and stays one: the screen formats and parses it, the
/// core computes it. BigInt where a sum must be shown; number arithmetic is refused by lint.

/** Integer fen, e.g. "630600" for ¥6,306.00; negative with a leading minus. */
export type Fen = string;

const FEN = /^-?\d+$/;

function parts(fen: Fen): { negative: boolean; yuan: string; cents: string } {
  if (!FEN.test(fen)) throw new RangeError(`"${fen}" is not an amount in integer fen`);
  const value = BigInt(fen);
  const digits = (value < 0n ? -value : value).toString().padStart(3, "0");
  return { negative: value < 0n, yuan: digits.slice(0, -2), cents: digits.slice(-2) };
}

const grouped = (yuan: string): string => yuan.replace(/\B(?=(\d{3})+$)/g, ",");

/** `¥6,306.00`; negative `-¥12.00`, so that the sign doesn't rest on colour. */
export function formatMoney(fen: Fen): string {
  const { negative, yuan, cents } = parts(fen);
  return `${negative ? "-" : ""}¥${grouped(yuan)}.${cents}`;
}

/** `6,306.00`, for columns whose header says the unit. */
export function formatAmount(fen: Fen): string {
  return formatMoney(fen).replace("¥", "");
}

/** `6306.00`, for editing. */
export function editableAmount(fen: Fen): string {
  return formatAmount(fen).replaceAll(",", "");
}

const HALF_WIDTH: Record<string, string> = { "．": ".", "。": ".", "，": ",", "－": "-", "￥": "¥", "＋": "+", "＊": "*", "　": " " };

/** What a Chinese input method left full-width, as ASCII. */
export function halfWidth(text: string): string {
  return text.replace(/[０-９．。，－￥＋＊　]/g, (c) =>
    HALF_WIDTH[c] ?? String.fromCodePoint((c.codePointAt(0) ?? 0) - 0xfee0),
  );
}

/** What a person typed as yuan, as fen; null if it is not money (at most two decimals). */
export function parseMoney(text: string): Fen | null {
  const plain = halfWidth(text).replace(/[\s,¥]/g, "");
  const match = /^(-?)(\d{1,13})(?:\.(\d{0,2}))?$/.exec(plain) ?? /^(-?)()\.(\d{1,2})$/.exec(plain);
  if (match === null) return null;
  const [, sign = "", yuan = "", cents = ""] = match;
  return BigInt(`${sign}${yuan}${cents.padEnd(2, "0")}`).toString();
}

export function addMoney(...amounts: readonly Fen[]): Fen {
  return amounts.reduce((sum, fen) => sum + BigInt(fen), 0n).toString();
}

/** `a` without `b`, `c` … */
export function takeMoney(from: Fen, ...taken: readonly Fen[]): Fen {
  return addMoney(from, ...taken.map(negateMoney));
}

export function negateMoney(fen: Fen): Fen {
  return (-BigInt(fen)).toString();
}

/** Negative, zero or positive, as for `sort`. */
export function compareMoney(a: Fen, b: Fen): number {
  const [x, y] = [BigInt(a), BigInt(b)];
  if (x === y) return 0;
  return x < y ? -1 : 1;
}

export function isZeroMoney(fen: Fen): boolean {
  return BigInt(fen) === 0n;
}

/** A rate in ten-thousandths in percent, without the sign: 60 is `0.60`. */
export function formatRate(rate: number): string {
  return `${Math.trunc(rate / 100)}.${String(rate % 100).padStart(2, "0")}`;
}
