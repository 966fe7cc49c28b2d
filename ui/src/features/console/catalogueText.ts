/// Things of the catalogue and problems of files in words.
import type { CatalogueItem, Price, PriceBook, Reason } from "../../api/generated";
import { formatDateTime } from "../../i18n/time";
import { formatAmount } from "../../money";
import type { CatalogueTexts } from "./catalogueMessages";

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== "").join(" · ");

/** What holds for a thing, without what names it. */
export function itemText(t: CatalogueTexts, item: CatalogueItem | null, books: readonly PriceBook[]): string {
  if (item === null) return t.nothing;
  switch (item.item) {
    case "product": {
      const { name, spec, unit, list_price, floor_price, active } = item.body;
      return joined([name, spec, unit, `${t.listPrice} ${list_price}`, floor_price === null ? "" : `${t.floorPrice} ${floor_price}`, active ? t.sold : t.retired]);
    }
    case "price_book":
      return item.body.name;
    case "price":
      return priceText(t, item.body);
    case "distributor": {
      const { name, phone, region, price_book, credit_limit_fen, active } = item.body;
      const book = books.find(({ id }) => id === price_book)?.name ?? "";
      return joined([name, phone, region, book === "" ? "" : `${t.priceBook} ${book}`, credit_limit_fen === null ? "" : `${t.credit} ${formatAmount(credit_limit_fen)}`, active ? t.buys : t.stopped]);
    }
    default:
      return item satisfies never;
  }
}

export function priceText(t: CatalogueTexts, { unit_price, valid_from, valid_to }: Price): string {
  return joined([unit_price, valid_from === 0 ? "" : t.from(formatDateTime(valid_from)), valid_to === null ? "" : t.until(formatDateTime(valid_to))]);
}

/** What is wrong with a cell, row or file, and what to do. */
export function reasonText(t: CatalogueTexts, reason: Reason): string {
  const texts = t.reasons;
  switch (reason.reason) {
    case "empty":
    case "encoding":
    case "utf16":
    case "double_column":
    case "blank":
    case "no_admin":
      return texts[reason.reason];
    case "missing_column":
      return texts.missing_column(reason.params.also);
    case "width":
      return texts.width(reason.params.found, reason.params.wanted);
    case "places":
      return texts.places(reason.params.value, reason.params.places);
    case "duplicate":
      return texts.duplicate(reason.params.code, reason.params.first);
    case "unknown":
      return texts.unknown(t.named[reason.params.what], reason.params.code);
    case "limit":
      return texts.limit(t.measures[reason.params.what], reason.params.limit);
    case "long_cell":
      return texts.long_cell(reason.params);
    default:
      return texts[reason.reason](reason.params);
  }
}
