/// Price books: named lists of prices. What each asks for a product stands on the product's page.
import { useMemo, useState } from "react";
import { useAct } from "../../app/act";
import type { PriceBook, PriceBookEntry } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { EmptyState } from "../../components/EmptyState";
import { Actions, Head, Panel, Stack } from "../../components/Page";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { catalogueMessages } from "./catalogueMessages";
import { CatalogueOwn } from "./CatalogueOwn";
import { Import } from "./Import";

export function PriceBooks() {
  const t = useT(catalogueMessages);
  const [open, setOpen] = useState<PriceBookEntry | "new" | null>(null);
  const read = useRead("price_book_list", {});
  const rows = read.data ?? [];
  const columns = useMemo<Column<PriceBookEntry>[]>(
    () => [
      { id: "name", header: t.name, width: 240, grow: true, cell: ({ price_book }) => price_book.name },
      { id: "products", header: t.pricedProducts, width: 160, align: "end", cell: (row) => row.products },
      { id: "distributors", header: t.usedBy, width: 200, align: "end", cell: (row) => row.distributors },
    ],
    [t],
  );
  return (
    <Stack>
      <CatalogueOwn items={["price_book"]} />
      <Head>
        <Actions>
          <Button tone="primary" onClick={() => setOpen("new")} data-testid="price-book-add">
            {t.addPriceBook}
          </Button>
          <Import kind="prices" />
        </Actions>
      </Head>
      <Panel title={t.priceBooks} count={rows.length}>
        <DataGrid
          label={t.priceBooks}
          rows={rows}
          columns={columns}
          rowKey={({ price_book }) => price_book.id}
          rowData={({ price_book }) => ({ "data-testid": "price-book-row", "data-name": price_book.name })}
          onOpen={setOpen}
          autoFocus
          empty={read.data === undefined ? null : <EmptyState title={t.noPriceBooks} />}
        />
      </Panel>
      {open === null ? null : <PriceBookDialog book={open === "new" ? null : open.price_book} onClose={() => setOpen(null)} />}
    </Stack>
  );
}

function PriceBookDialog({ book, onClose }: { book: PriceBook | null; onClose: () => void }) {
  const t = useT(catalogueMessages);
  const [name, setName] = useState(book?.name ?? "");
  const save = useAct("catalogue_change");
  const ready = name.trim() !== "" && name.trim() !== book?.name && !save.busy;
  const go = async (): Promise<void> => {
    if (!ready) return;
    const body: PriceBook = { id: book?.id ?? crypto.randomUUID(), name: name.trim() };
    const done = await save.run({ before: book === null ? null : { item: "price_book", body: book }, after: { item: "price_book", body } });
    if (done === null) return;
    if (done.length === 0) say("ok", t.saved(body.name));
    onClose();
  };
  return (
    <Dialog
      title={book === null ? t.addPriceBook : `${t.editPriceBook} · ${book.name}`}
      onClose={onClose}
      onConfirm={() => void go()}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.back}
          </Button>
          <Button tone="primary" chord="Enter" busy={save.busy} disabled={!ready} onClick={() => void go()} data-testid="price-book-save">
            {t.save}
          </Button>
        </>
      }
    >
      <TextField layout="row" label={t.name} required maxLength={200} value={name} onChange={setName} testId="price-book-name" />
    </Dialog>
  );
}
