/// Own changes of the catalogue that are not in force, and its history.
import { useAct } from "../../app/act";
import type { CatalogueItem, HistoryEntry, OwnCatalogueChange } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { Actions, Facts, Head, Panel } from "../../components/Page";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime } from "../../i18n/time";
import { catalogueMessages } from "./catalogueMessages";
import { itemText } from "./catalogueText";

const useBooks = () => (useRead("price_book_list", {}).data ?? []).map(({ price_book }) => price_book);

/** Those that wait, and those that were refused with both versions. */
export function CatalogueOwn({ items }: { items: readonly CatalogueItem["item"][] }) {
  const own = useRead("catalogue_own", {}).data ?? [];
  return own.filter(({ after }) => items.includes(after.item)).map((one) => <Own key={one.op} own={one} />);
}

function Own({ own }: { own: OwnCatalogueChange }) {
  const t = useT(catalogueMessages);
  const books = useBooks();
  const save = useAct("catalogue_change");
  const keep = useAct("catalogue_keep");
  if (own.refused === null) {
    return (
      <Head>
        <StateTag tone="warn">{t.waitsFor(own.subject)}</StateTag>
      </Head>
    );
  }
  return (
    <Panel title={t.refused(own.subject, errorText(own.refused))}>
      <Facts
        facts={[
          { label: t.theirs, value: itemText(t, own.held, books), testId: "catalogue-theirs" },
          { label: t.mine, value: itemText(t, own.after, books), testId: "catalogue-mine" },
        ]}
      />
      <Actions>
        <Button busy={save.busy} onClick={() => void save.run({ before: own.held, after: own.after })} data-testid="catalogue-take-mine">
          {t.takeMine}
        </Button>
        <Button busy={keep.busy} onClick={() => void keep.run({ op: own.op })} data-testid="catalogue-keep-theirs">
          {t.keepTheirs}
        </Button>
      </Actions>
    </Panel>
  );
}

/** Every change and every file with author, before and after. */
export function CatalogueHistory() {
  const t = useT(catalogueMessages);
  const books = useBooks();
  const history = useRead("history_lines", {});
  const rows = history.data ?? [];
  const after = ({ line: { what } }: HistoryEntry): string => {
    if (what.event === "changed") return itemText(t, what.after, books);
    const { rows: all, added, changed } = what.counts;
    return `${t.importTitle[what.kind]} · ${t.imported(all, added, changed, what.sha256.slice(0, 12))}`;
  };
  const columns: Column<HistoryEntry>[] = [
    { id: "at", header: t.at, width: 150, cell: ({ line }) => formatDateTime(line.at) },
    { id: "author", header: t.author, width: 110, cell: (row) => row.author_name },
    { id: "about", header: t.about, width: 200, cell: (row) => row.subject },
    { id: "before", header: t.before, width: 200, cell: ({ line: { what } }) => (what.event === "changed" ? itemText(t, what.before, books) : t.nothing) },
    { id: "after", header: t.after, width: 240, grow: true, cell: after },
  ];
  return (
    <Panel title={t.history} count={rows.length}>
      <DataGrid
        label={t.history}
        rows={rows}
        columns={columns}
        rowKey={(row) => row.line.id}
        rowData={() => ({ "data-testid": "history-line" })}
        empty={history.data === undefined ? null : <EmptyState title={t.noHistory} />}
      />
    </Panel>
  );
}
