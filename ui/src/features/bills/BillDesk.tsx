/// Bills on finance's desk: every bill of the last days with how it came and what differs, missing
/// ones too; fetched now, imported from a file, or opened sum by sum.
import { type ReactNode, useMemo, useRef, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import type { BillDone, BillEntry, BillKey, BillSummary, Found } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Actions, Page, Quiet } from "../../components/Page";
import { StateTag } from "../../components/StateTag";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { words } from "../../i18n/words";
import { formatAmount } from "../../money";
import styles from "../collections/CollectionEntry.module.css";
import { BillFacts } from "./BillFacts";
import { BillFile, type ChosenFile } from "./BillFile";
import { BillItems } from "./BillItems";
import { messages } from "./messages";

const NAME = ({ channel, merchant_no, day, bill }: BillKey): string => `${day} ${channel} ${merchant_no} ${bill}`;

/** How many sums of a bill differ, whoever looked at them. */
const differ = ({ found }: BillSummary): number =>
  (["only_here", "only_provider", "amount_differs", "fee_differs"] as const satisfies readonly Found[]).reduce((sum, one) => sum + (found[one] ?? 0), 0);

function BillTag({ entry }: { entry: BillEntry }) {
  const t = useT(messages);
  if (entry.matched === null) return <StateTag tone="warn">{t.missing}</StateTag>;
  const { open, summary } = entry.matched;
  if (open > 0) return <StateTag tone="bad">{t.open(open)}</StateTag>;
  const looked = differ(summary);
  return looked > 0 ? <StateTag tone="none">{t.lookedAt(looked)}</StateTag> : <StateTag tone="ok">{t.inOrder}</StateTag>;
}

/** How a bill came, in words. */
function useOrigin(): (entry: BillEntry) => string {
  const t = useT(messages);
  const staff = useRead("staff_list", {}).data;
  return useMemo(
    () =>
      ({ matched }) => {
        if (matched === null) return "";
        const { file, staff: who } = matched.origin;
        const name = staff?.find((one) => one.id === who)?.name ?? who ?? "";
        if (file === null) return who === null ? t.fetched : t.fetchedBy(name);
        return who === null ? t.importedAt(file) : t.importedBy(name, file);
      },
    [t, staff],
  );
}

export function BillDesk({ tabs }: { tabs: ReactNode }) {
  const t = useT(messages);
  const w = useT(words);
  const origin = useOrigin();
  const [active, setActive] = useState<string | null>(null);
  const [opened, setOpened] = useState<BillKey | null>(null);
  const read = useRead("bill_list", {});
  const fetch = useAct("bill_fetch", { quiet: true });
  const bring = useAct("bill_import", { quiet: true });
  const [tried, setTried] = useState<string | null>(null);
  const file = useRef<HTMLInputElement>(null);
  const rows = read.data ?? [];
  const shown = rows.find(({ key }) => NAME(key) === active);
  const busy = fetch.busy || bring.busy;
  const refused = tried === active ? (fetch.refused ?? bring.refused) : null;

  const tell = (done: BillDone | null): void => {
    if (done === null) return;
    const { entry } = done.view;
    const told = [t.matched(t.types[entry.key.bill], entry.key.day)];
    if (done.settled > 0) told.push(t.settled(done.settled));
    if (done.warnings > 0) told.push(t.warnings(done.warnings));
    say(done.warnings > 0 ? "info" : "ok", told.join(" · "));
  };
  const take = async (key: BillKey): Promise<void> => {
    setTried(NAME(key));
    tell(await fetch.run({ key }));
  };
  const upload = async ({ key }: BillEntry, chosen: ChosenFile): Promise<void> => {
    setTried(NAME(key));
    tell(await bring.run({ key, ...chosen }));
  };
  const idle = opened === null && shown !== undefined && !busy;
  useKeys({
    fetchBill: idle && (() => void take(shown.key)),
    importBill: idle && (() => file.current?.click()),
  });
  const columns = useMemo<Column<BillEntry>[]>(
    () => [
      { id: "day", header: t.columns.day, width: 96, cell: ({ key }) => key.day },
      { id: "bill", header: t.columns.bill, width: 196, cell: ({ key }) => `${w.channels[key.channel]} · ${t.types[key.bill]}` },
      { id: "came", header: t.columns.came, width: 110, grow: true, cell: origin },
      { id: "payments", header: t.columns.payments, width: 106, align: "end", cell: ({ matched }) => (matched === null ? "" : formatAmount(matched.summary.gross_fen)) },
      { id: "fee", header: t.columns.fee, width: 86, align: "end", cell: ({ matched }) => (matched === null ? "" : formatAmount(matched.summary.fee_fen)) },
      { id: "state", header: t.columns.state, width: 150, cell: (entry) => <BillTag entry={entry} /> },
    ],
    [t, w, origin],
  );

  if (opened !== null) return <BillItems tabs={tabs} bill={opened} origin={origin} onBack={() => setOpened(null)} />;
  return (
    <Page
      label={t.bills}
      asideWidth="wide"
      bar={tabs}
      aside={
        shown === undefined ? (
          <EmptyState title={t.choose} detail={t.how} />
        ) : (
          <>
            <div className={styles.name}>
              <h1>
                {shown.key.day} · {t.types[shown.key.bill]}
              </h1>
              <BillTag entry={shown} />
            </div>
            <BillFacts entry={shown} origin={origin(shown)} />
            {shown.matched === null ? <Quiet>{t.notYet}</Quiet> : null}
            {refused === null ? null : (
              <div data-testid="bill-refused">
                <ErrorPanel title={t.notTaken} detail={errorText(refused)} code={refused.code} />
              </div>
            )}
            <Actions>
              {shown.matched === null ? null : (
                <Button tone="primary" chord="Enter" onClick={() => setOpened(shown.key)} data-testid="bill-look">
                  {t.look}
                </Button>
              )}
              <Button chord={KEYS.fetchBill.chord} busy={fetch.busy} disabled={busy} onClick={() => runAction("fetchBill")} data-testid="bill-fetch">
                {t.fetch}
              </Button>
              <Button chord={KEYS.importBill.chord} busy={bring.busy} disabled={busy} onClick={() => runAction("importBill")} data-testid="bill-import">
                {t.import}
              </Button>
            </Actions>
            <BillFile label={t.file} inputRef={file} onChoose={(chosen) => void upload(shown, chosen)} />
          </>
        )
      }
    >
      {read.error === null ? (
        <DataGrid
          label={t.bills}
          rows={rows}
          columns={columns}
          rowKey={({ key }) => NAME(key)}
          rowData={({ key, matched }) => ({
            "data-testid": "bill-row",
            "data-bill": key.bill,
            "data-channel": key.channel,
            "data-day": key.day,
            "data-state": matched === null ? "missing" : matched.open > 0 ? "open" : "done",
          })}
          initialKey={active ?? undefined}
          onActive={(row) => row !== null && setActive(NAME(row.key))}
          onOpen={(row) => row.matched !== null && setOpened(row.key)}
          autoFocus
          empty={read.isPending ? null : <EmptyState title={t.none} />}
        />
      ) : (
        <ErrorPanel title={read.error.why.code === "unreachable" ? t.offline : errorText(read.error.why)} code={read.error.why.code} />
      )}
    </Page>
  );
}
