/// Distributors with their terms: price book, credit limit, whether they still buy.
import { useMemo, useRef, useState } from "react";
import { useAct } from "../../app/act";
import { useKeys } from "../../app/keys";
import type { Distributor, PriceBook } from "../../api/generated";
import { useCodePages, useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { EmptyState } from "../../components/EmptyState";
import { MoneyField } from "../../components/MoneyField";
import { Actions, Head, Panel, Stack } from "../../components/Page";
import { SearchField } from "../../components/SearchField";
import { Segments } from "../../components/Segments";
import { Select } from "../../components/Select";
import { StateTag } from "../../components/StateTag";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { formatAmount } from "../../money";
import { catalogueMessages } from "./catalogueMessages";
import { CatalogueOwn } from "./CatalogueOwn";
import { Import } from "./Import";

/** No price book among the ones to choose from. */
const NONE = "";
const NEW: Omit<Distributor, "id"> = { number: 0, code: "", name: "", phone: "", region: "", price_book: null, credit_limit_fen: null, active: true };

export function Distributors() {
  const t = useT(catalogueMessages);
  const [query, setQuery] = useState("");
  const [open, setOpen] = useState<Distributor | "new" | null>(null);
  const search = useRef<HTMLInputElement>(null);
  const pages = useCodePages("distributor_list", query.trim(), ({ code }) => code);
  const bookList = useRead("price_book_list", {}).data;
  const books = useMemo(() => (bookList ?? []).map(({ price_book }) => price_book), [bookList]);
  useKeys({ filter: () => search.current?.focus() });
  const columns = useMemo<Column<Distributor>[]>(
    () => [
      { id: "code", header: t.code, width: 100, cell: ({ code }) => code },
      { id: "name", header: t.name, width: 220, grow: true, cell: ({ name }) => name },
      { id: "phone", header: t.phone, width: 130, cell: ({ phone }) => phone },
      { id: "region", header: t.region, width: 140, cell: ({ region }) => region },
      { id: "book", header: t.priceBook, width: 150, cell: ({ price_book }) => books.find(({ id }) => id === price_book)?.name ?? t.noPriceBook },
      { id: "credit", header: t.credit, width: 130, align: "end", cell: ({ credit_limit_fen }) => (credit_limit_fen === null ? t.nothing : formatAmount(credit_limit_fen)) },
      { id: "state", header: t.state, width: 90, cell: ({ active }) => <StateTag tone={active ? "ok" : "none"}>{active ? t.buys : t.stopped}</StateTag> },
    ],
    [t, books],
  );
  return (
    <Stack>
      <CatalogueOwn items={["distributor"]} />
      <Head>
        <Actions>
          <SearchField label={t.search} value={query} onChange={setQuery} testId="catalogue-search" inputRef={search} />
          <Button tone="primary" onClick={() => setOpen("new")} data-testid="distributor-add">
            {t.addDistributor}
          </Button>
          <Import kind="distributors" />
        </Actions>
      </Head>
      <Panel title={t.distributors}>
        <DataGrid
          label={t.distributors}
          rows={pages.rows}
          columns={columns}
          rowKey={({ id }) => id}
          rowData={({ code }) => ({ "data-testid": "distributor-row", "data-code": code })}
          onOpen={setOpen}
          onNearEnd={pages.more}
          autoFocus
          empty={pages.loading ? null : <EmptyState title={t.noDistributors} />}
        />
      </Panel>
      {open === null ? null : <DistributorDialog held={open === "new" ? null : open} books={books} onClose={() => setOpen(null)} />}
    </Stack>
  );
}

interface DialogProps {
  held: Distributor | null;
  books: readonly PriceBook[];
  onClose: () => void;
}

function DistributorDialog({ held, books, onClose }: DialogProps) {
  const t = useT(catalogueMessages);
  const [one, setOne] = useState<Distributor>(() => held ?? { id: crypto.randomUUID(), ...NEW });
  const save = useAct("catalogue_change");
  const ready = one.name.trim() !== "" && (held === null || one.code.trim() !== "") && !save.busy;
  const go = async (): Promise<void> => {
    if (!ready) return;
    const body: Distributor = { ...one, code: one.code.trim(), name: one.name.trim(), phone: one.phone.trim(), region: one.region.trim() };
    const done = await save.run({ before: held === null ? null : { item: "distributor", body: held }, after: { item: "distributor", body } });
    if (done === null) return;
    if (done.length === 0) say("ok", t.saved(body.name));
    onClose();
  };
  return (
    <Dialog
      title={held === null ? t.addDistributor : `${t.editDistributor} · ${held.code}`}
      onClose={onClose}
      onConfirm={() => void go()}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.back}
          </Button>
          <Button tone="primary" chord="Enter" busy={save.busy} disabled={!ready} onClick={() => void go()} data-testid="distributor-terms-save">
            {t.save}
          </Button>
        </>
      }
    >
      <TextField layout="row" label={t.code} hint={held === null ? t.codeGiven : ""} maxLength={60} value={one.code} onChange={(code) => setOne({ ...one, code })} testId="distributor-code" />
      <TextField layout="row" label={t.name} required maxLength={200} value={one.name} onChange={(name) => setOne({ ...one, name })} testId="distributor-name" />
      <TextField layout="row" label={t.phone} type="tel" maxLength={60} value={one.phone} onChange={(phone) => setOne({ ...one, phone })} />
      <TextField layout="row" label={t.region} maxLength={200} value={one.region} onChange={(region) => setOne({ ...one, region })} />
      <Select
        layout="row"
        label={t.priceBook}
        value={one.price_book ?? NONE}
        options={[{ value: NONE, label: t.noPriceBook }, ...books.map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={(book) => setOne({ ...one, price_book: book === NONE ? null : book })}
      />
      <MoneyField layout="row" label={t.credit} hint={t.noLimit} value={one.credit_limit_fen} onChange={(credit_limit_fen) => setOne({ ...one, credit_limit_fen })} testId="distributor-credit" />
      <Segments
        label={t.state}
        testId="distributor-state"
        value={one.active ? "buys" : "stopped"}
        onChange={(state) => setOne({ ...one, active: state === "buys" })}
        segments={(["buys", "stopped"] as const).map((value) => ({ value, label: t[value] }))}
      />
    </Dialog>
  );
}
