/// Products with what every price book asks for them: found, changed, retired, imported.
import { useMemo, useRef, useState } from "react";
import { useAct } from "../../app/act";
import { useKeys } from "../../app/keys";
import type { Price, PriceBook, PriceBookId, Product, ProductEntry } from "../../api/generated";
import { useCodePages, useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { EmptyState } from "../../components/EmptyState";
import { Actions, Head, Panel, Stack } from "../../components/Page";
import { SearchField } from "../../components/SearchField";
import { Segments } from "../../components/Segments";
import { StateTag } from "../../components/StateTag";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { halfWidth } from "../../money";
import { catalogueMessages } from "./catalogueMessages";
import { CatalogueOwn } from "./CatalogueOwn";
import { Import } from "./Import";

const plain = (text: string): string => halfWidth(text).trim();
const isPrice = (text: string): boolean => /^\d{1,9}(\.\d{1,6})?$/.test(plain(text));

/** The price that a book asks now; what was and what comes stays as it is. */
const priceNow = (prices: readonly Price[], book: PriceBookId): Price | undefined =>
  prices.findLast((one) => one.price_book === book && one.valid_from <= Date.now() && (one.valid_to === null || one.valid_to > Date.now()));

export function Products() {
  const t = useT(catalogueMessages);
  const [query, setQuery] = useState("");
  const [open, setOpen] = useState<ProductEntry | "new" | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const pages = useCodePages("product_list", query.trim(), ({ product }) => product.code);
  const bookList = useRead("price_book_list", {}).data;
  const books = useMemo(() => (bookList ?? []).map(({ price_book }) => price_book), [bookList]);
  useKeys({ filter: () => search.current?.focus() });
  const columns = useMemo<Column<ProductEntry>[]>(
    () => [
      { id: "code", header: t.code, width: 110, cell: ({ product }) => product.code },
      { id: "name", header: t.name, width: 200, grow: true, cell: ({ product }) => product.name },
      { id: "spec", header: t.spec, width: 110, cell: ({ product }) => product.spec },
      { id: "unit", header: t.unit, width: 60, cell: ({ product }) => product.unit },
      { id: "list", header: t.listPrice, width: 100, align: "end", cell: ({ product }) => product.list_price },
      { id: "floor", header: t.floorPrice, width: 100, align: "end", cell: ({ product }) => product.floor_price ?? t.nothing },
      {
        id: "books",
        header: t.bookPrices,
        width: 240,
        cell: ({ prices }) =>
          books
            .map(({ id, name }) => ({ name, price: priceNow(prices, id) }))
            .filter(({ price }) => price !== undefined)
            .map(({ name, price }) => `${name} ${price?.unit_price ?? ""}`)
            .join(" · "),
      },
      { id: "state", header: t.state, width: 90, cell: ({ product }) => <StateTag tone={product.active ? "ok" : "none"}>{product.active ? t.sold : t.retired}</StateTag> },
    ],
    [t, books],
  );
  return (
    <Stack>
      <CatalogueOwn items={["product", "price"]} />
      <Head>
        <Actions>
          <SearchField label={t.search} value={query} onChange={setQuery} testId="catalogue-search" inputRef={search} />
          <Button tone="primary" onClick={() => setOpen("new")} data-testid="product-add">
            {t.addProduct}
          </Button>
          <Import kind="products" />
        </Actions>
      </Head>
      <Panel title={t.products}>
        <DataGrid
          label={t.products}
          rows={pages.rows}
          columns={columns}
          rowKey={({ product }) => product.id}
          rowData={({ product }) => ({ "data-testid": "product-row", "data-code": product.code })}
          onOpen={setOpen}
          onNearEnd={pages.more}
          autoFocus
          empty={pages.loading ? null : <EmptyState title={t.noProducts} />}
        />
      </Panel>
      {open === null ? null : <ProductDialog entry={open === "new" ? null : open} books={books} onClose={() => setOpen(null)} />}
    </Stack>
  );
}

const NEW: Omit<Product, "id"> = { code: "", barcode: "", name: "", spec: "", unit: "", list_price: "", floor_price: null, active: true };

interface DialogProps {
  entry: ProductEntry | null;
  books: readonly PriceBook[];
  onClose: () => void;
}

function ProductDialog({ entry, books, onClose }: DialogProps) {
  const t = useT(catalogueMessages);
  const [product, setProduct] = useState<Product>(() => entry?.product ?? { id: crypto.randomUUID(), ...NEW });
  const [asked, setAsked] = useState<Record<PriceBookId, string>>(() =>
    Object.fromEntries(books.map(({ id }) => [id, priceNow(entry?.prices ?? [], id)?.unit_price ?? ""])),
  );
  const save = useAct("catalogue_change");
  const priceError = (text: string): string | null => (text.trim() === "" || isPrice(text) ? null : t.priceForm);
  const texts = [product.list_price, product.floor_price ?? "", ...Object.values(asked)];
  const ready = product.code.trim() !== "" && product.name.trim() !== "" && isPrice(product.list_price) && texts.every((text) => text.trim() === "" || isPrice(text)) && !save.busy;
  /** What a book's price becomes; nothing where it stays. */
  const change = (book: PriceBookId): { before: Price | null; after: Price } | null => {
    const held = priceNow(entry?.prices ?? [], book) ?? null;
    const text = plain(asked[book] ?? "");
    if (text === (held?.unit_price ?? "")) return null;
    if (text !== "") return { before: held, after: held === null ? { price_book: book, product: product.id, unit_price: text, valid_from: Date.now(), valid_to: null } : { ...held, unit_price: text } };
    return held === null ? null : { before: held, after: { ...held, valid_to: Date.now() } };
  };
  const go = async (): Promise<void> => {
    if (!ready) return;
    const body: Product = {
      ...product,
      code: product.code.trim(),
      name: product.name.trim(),
      spec: product.spec.trim(),
      unit: product.unit.trim(),
      barcode: product.barcode.trim(),
      list_price: plain(product.list_price),
      floor_price: product.floor_price === null || product.floor_price.trim() === "" ? null : plain(product.floor_price),
    };
    let waits = 0;
    if (entry === null || JSON.stringify(body) !== JSON.stringify(entry.product)) {
      const done = await save.run({ before: entry === null ? null : { item: "product", body: entry.product }, after: { item: "product", body } });
      if (done === null) return;
      waits = done.length;
    }
    for (const { id } of books) {
      const price = change(id);
      if (price === null) continue;
      // One after the other: each is an operation of its own, and the first refusal ends it.
      const done = await save.run({ before: price.before === null ? null : { item: "price", body: price.before }, after: { item: "price", body: price.after } });
      if (done === null) return;
      waits = done.length;
    }
    if (waits === 0) say("ok", t.saved(`${body.code} ${body.name}`));
    onClose();
  };
  return (
    <Dialog
      title={entry === null ? t.addProduct : `${t.editProduct} · ${entry.product.code}`}
      onClose={onClose}
      onConfirm={() => void go()}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.back}
          </Button>
          <Button tone="primary" chord="Enter" busy={save.busy} disabled={!ready} onClick={() => void go()} data-testid="product-save">
            {t.save}
          </Button>
        </>
      }
    >
      <TextField layout="row" label={t.code} required maxLength={60} value={product.code} onChange={(code) => setProduct({ ...product, code })} testId="product-code" />
      <TextField layout="row" label={t.name} required maxLength={200} value={product.name} onChange={(name) => setProduct({ ...product, name })} testId="product-name" />
      <TextField layout="row" label={t.spec} maxLength={200} value={product.spec} onChange={(spec) => setProduct({ ...product, spec })} />
      <TextField layout="row" label={t.unit} maxLength={60} value={product.unit} onChange={(unit) => setProduct({ ...product, unit })} testId="product-unit" />
      <TextField layout="row" label={t.barcode} maxLength={60} value={product.barcode} onChange={(barcode) => setProduct({ ...product, barcode })} />
      <TextField layout="row" label={t.listPrice} required inputMode="decimal" error={priceError(product.list_price)} value={product.list_price} onChange={(list_price) => setProduct({ ...product, list_price })} testId="product-list-price" />
      <TextField
        layout="row"
        label={t.floorPrice}
        hint={t.noFloor}
        inputMode="decimal"
        error={priceError(product.floor_price ?? "")}
        value={product.floor_price ?? ""}
        onChange={(text) => setProduct({ ...product, floor_price: text === "" ? null : text })}
        testId="product-floor-price"
      />
      {books.map(({ id, name }) => (
        <TextField
          key={id}
          layout="row"
          label={t.bookPrice(name)}
          hint={t.noBookPrice}
          inputMode="decimal"
          error={priceError(asked[id] ?? "")}
          value={asked[id] ?? ""}
          onChange={(text) => setAsked({ ...asked, [id]: text })}
          testId={`product-price-${id}`}
        />
      ))}
      <Segments
        label={t.state}
        testId="product-state"
        value={product.active ? "sold" : "retired"}
        onChange={(state) => setProduct({ ...product, active: state === "sold" })}
        segments={(["sold", "retired"] as const).map((value) => ({ value, label: t[value] }))}
      />
    </Dialog>
  );
}
