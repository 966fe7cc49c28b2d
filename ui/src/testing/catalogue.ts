/// The catalogue's part of the core in memory: an administrator's lists, changes and files.
import type { CatalogueItem, Distributor, HistoryEntry, ImportCounts, OwnCatalogueChange, Price, PriceBook, Problem, Product, Tag } from "../api/generated";
import { type Answers, refuse } from "./config";
import { DISTRIBUTORS, NOW, PRODUCTS, STAFF } from "./sample";

const BOOKS: readonly PriceBook[] = [
  { id: "b1", name: "西南一级" },
  { id: "b2", name: "华东批发" },
];

/** What the catalogue holds; made when it is first asked for. */
export interface CatalogueHeld {
  products: Product[];
  books: PriceBook[];
  prices: Price[];
  distributors: Distributor[];
  own: OwnCatalogueChange[];
  lines: HistoryEntry[];
}

export function sampleCatalogue(): CatalogueHeld {
  const products = PRODUCTS.map(
    ({ id, code, barcode, name, spec, unit, unit_price }, at): Product => ({ id, code, barcode, name, spec, unit, list_price: unit_price, floor_price: at === 0 ? "599" : null, active: at !== PRODUCTS.length - 1 }),
  );
  return {
    products: products.toSorted((a, b) => (a.code < b.code ? -1 : 1)),
    books: [...BOOKS],
    prices: [
      { price_book: "b1", product: "p1006013", unit_price: "659", valid_from: 0, valid_to: null },
      { price_book: "b2", product: "p1006013", unit_price: "639", valid_from: 0, valid_to: null },
      { price_book: "b1", product: "p1006051", unit_price: "52", valid_from: 0, valid_to: null },
    ],
    distributors: DISTRIBUTORS.map(
      ({ id, code, name, phone, region, credit_limit_fen, active }, at): Distributor => ({ id, number: at + 1, code, name, phone, region, price_book: at < 2 ? "b1" : null, credit_limit_fen, active }),
    ),
    own: [],
    lines: [
      {
        author_name: "管理员",
        subject: "2026秋季新品.csv",
        line: { id: "h1", at: NOW - 3_600_000, author: "s5", terminal: "T", what: { event: "imported", kind: "products", file: "2026秋季新品.csv", sha256: "9f2c".repeat(16), counts: { rows: 8, added: 8, changed: 0 } } },
      },
    ],
  };
}

interface Held {
  catalogue: CatalogueHeld;
  online: boolean;
  staff: string | null;
  poke: (...tags: Tag[]) => void;
}

type Part = Pick<Answers, "distributor_search" | "distributor_create" | "product_search" | "product_list" | "price_book_list" | "distributor_list" | "catalogue_own" | "catalogue_change" | "catalogue_keep" | "history_lines" | "data_import">;

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function heldItem({ products, books, prices, distributors }: CatalogueHeld, { item, body }: CatalogueItem): CatalogueItem | null {
  const found = {
    product: () => products.find((one) => item === "product" && one.id === body.id),
    price_book: () => books.find((one) => item === "price_book" && one.id === body.id),
    price: () => prices.find((one) => item === "price" && one.price_book === body.price_book && one.product === body.product && one.valid_from === body.valid_from),
    distributor: () => distributors.find((one) => item === "distributor" && one.id === body.id),
  }[item]();
  return found === undefined ? null : ({ item, body: found } as CatalogueItem);
}

function put(held: CatalogueHeld, { item, body }: CatalogueItem): void {
  const byCode = <T extends { code: string }>(rows: T[]): T[] => rows.toSorted((a, b) => (a.code < b.code ? -1 : 1));
  if (item === "product") held.products = byCode([...held.products.filter(({ id }) => id !== body.id), body]);
  if (item === "price_book") held.books = [...held.books.filter(({ id }) => id !== body.id), body];
  if (item === "distributor") held.distributors = byCode([...held.distributors.filter(({ id }) => id !== body.id), body]);
  if (item === "price") {
    const other = (one: Price): boolean => one.price_book !== body.price_book || one.product !== body.product || one.valid_from !== body.valid_from;
    held.prices = [...held.prices.filter(other), body];
  }
}

/** A file as the backend judges it, as far as screens care: a price has to be a number. */
function judged(name: string, file: string): { counts: ImportCounts; problems: Problem[] } {
  const text = new TextDecoder().decode(Uint8Array.from(atob(file), (char) => char.codePointAt(0) ?? 0));
  const [, ...rows] = text.trim().split("\n");
  const problems = rows.flatMap((row, at): Problem[] => {
    const price = row.split(",")[2] ?? "";
    return /^\d+(\.\d+)?$/.test(price) ? [] : [{ file: name, row: at + 2, column: "list price", reason: price === "" ? { reason: "blank" } : { reason: "not_a_number", params: price } }];
  });
  return { counts: problems.length > 0 ? { rows: 0, added: 0, changed: 0 } : { rows: rows.length, added: rows.length, changed: 0 }, problems };
}

function subjectOf({ item, body }: CatalogueItem): string {
  if (item === "price_book") return body.name;
  if (item === "price") return `${BOOKS.find(({ id }) => id === body.price_book)?.name ?? ""} · ${PRODUCTS.find(({ id }) => id === body.product)?.code ?? ""}`;
  return `${body.code} ${body.name}`;
}

export function catalogueAnswers(core: Held): Part {
  const nameOf = (): string => STAFF.find((one) => one.id === core.staff)?.name ?? "";
  const page = <T extends { code: string; name: string }>(rows: readonly T[], { query, after, limit }: { query: string; after: string | null; limit: number }): T[] =>
    rows.filter((one) => (after === null || one.code > after) && `${one.code} ${one.name}`.toLowerCase().includes(query.toLowerCase())).slice(0, limit);
  const note = (what: HistoryEntry["line"]["what"]): void => {
    const { lines } = core.catalogue;
    const subject = what.event === "imported" ? what.file : subjectOf(what.after);
    lines.unshift({ author_name: nameOf(), subject, line: { id: `h${lines.length + 1}`, at: NOW, author: core.staff ?? "", terminal: "T", what } });
  };
  return {
    distributor_search: ({ query, limit }) =>
      DISTRIBUTORS.filter((one) => [one.name, one.code.toLowerCase(), one.initials, one.phone].some((text) => text.includes(query.toLowerCase())))
        .slice(0, limit)
        .map(({ id, code, name, phone, region }) => ({ id, code, name, phone, region })),
    distributor_create: () => "d2",
    product_search: ({ query, limit }) =>
      PRODUCTS.filter((one) => [one.name, one.code, one.barcode, one.initials].some((text) => text.includes(query.toLowerCase()))).slice(0, limit),
    product_list: (input) => page(core.catalogue.products, input).map((product) => ({ product, prices: core.catalogue.prices.filter((one) => one.product === product.id) })),
    price_book_list: () =>
      core.catalogue.books.map((price_book) => ({
        price_book,
        products: core.catalogue.prices.filter((one) => one.price_book === price_book.id).length,
        distributors: core.catalogue.distributors.filter((one) => one.price_book === price_book.id).length,
      })),
    distributor_list: (input) => page(core.catalogue.distributors, input),
    catalogue_own: () => core.catalogue.own.map((own) => ({ ...own, held: heldItem(core.catalogue, own.after) })),
    catalogue_change: ({ before, after }) => {
      const held = heldItem(core.catalogue, after);
      if (!same(held, before)) return refuse({ code: "changed_meanwhile" });
      core.catalogue.own = core.catalogue.own.filter((own) => own.refused === null || own.after.item !== after.item);
      if (!core.online) {
        core.catalogue.own.push({ op: `c${core.catalogue.own.length}`, subject: subjectOf(after), after, held, refused: null });
        return [...core.catalogue.own];
      }
      put(core.catalogue, after);
      note({ event: "changed", before, after });
      return [...core.catalogue.own];
    },
    catalogue_keep: ({ op }) => {
      core.catalogue.own = core.catalogue.own.filter((one) => one.op !== op);
      return {};
    },
    history_lines: () => [...core.catalogue.lines],
    data_import: ({ kind, name, file, take }) => {
      if (!core.online) return refuse({ code: "unreachable" });
      const { counts, problems } = judged(name, file);
      const taken = take && problems.length === 0;
      const sha256 = "5e1f".repeat(16);
      if (taken) note({ event: "imported", kind, file: name, sha256, counts });
      return { sha256, counts, taken, problems: { problems: problems.slice(0, 200), total: problems.length } };
    },
  };
}
