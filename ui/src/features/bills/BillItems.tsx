/// One bill, sum by sum: what matches, what only one side knows, what differs, and whether a person
/// has looked at it.
import { type ReactNode, useMemo, useState } from "react";
import { useKeys } from "../../app/keys";
import type { BillEntry, BillItemView, BillKey } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Actions, Facts, Page, Quiet } from "../../components/Page";
import { Segments } from "../../components/Segments";
import { StateTag, type Tone } from "../../components/StateTag";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatAmount } from "../../money";
import { BillFacts } from "./BillFacts";
import { messages } from "./messages";

const TONE: Record<BillItemView["found"], Tone> = { matched: "ok", only_here: "bad", only_provider: "bad", amount_differs: "bad", fee_differs: "bad", other: "none" };
const differs = ({ found }: BillItemView): boolean => found !== "matched" && found !== "other";

interface Props {
  tabs: ReactNode;
  bill: BillKey;
  origin: (entry: BillEntry) => string;
  onBack: () => void;
}

export function BillItems({ tabs, bill, origin, onBack }: Props) {
  const t = useT(messages);
  const read = useRead("bill_view", bill);
  const items = read.data?.items;
  const [asked, setAsked] = useState<"differences" | "all" | null>(null);
  const [active, setActive] = useState<string | null>(null);
  // A bill in order has nothing to show among its differences.
  const show = asked ?? (items?.some(differs) === false ? "all" : "differences");
  const rows = useMemo(() => (items ?? []).filter((item) => show === "all" || differs(item)), [items, show]);
  const shown = rows.find(({ key }) => key === active);
  const flows = bill.bill === "fund_flow";
  const found = flows ? t.foundInFlows : t.found;
  useKeys({ back: onBack });
  const columns = useMemo<Column<BillItemView>[]>(() => {
    const amount = (fen: string | null): string => (fen === null ? "—" : formatAmount(fen));
    return [
      { id: "money", header: t.columns.money, width: 80, cell: ({ money }) => t.money[money] },
      { id: "number", header: t.columns.number, width: 150, grow: true, cell: ({ number, provider_no, note }) => number || note || provider_no },
      { id: "here", header: flows ? t.columns.inTrade : t.columns.here, width: 104, align: "end", cell: ({ here_fen }) => amount(here_fen) },
      { id: "there", header: flows ? t.columns.inFlows : t.columns.there, width: 104, align: "end", cell: ({ there_fen }) => amount(there_fen) },
      ...(flows ? [] : [{ id: "fee", header: t.columns.fee, width: 80, align: "end" as const, cell: ({ fee_fen }: BillItemView) => (fee_fen === null ? "" : formatAmount(fee_fen)) }]),
      { id: "found", header: t.columns.state, width: 190, cell: (item) => <StateTag tone={TONE[item.found]}>{found[item.found]}</StateTag> },
      { id: "item", header: t.columns.item, width: 84, cell: ({ open }) => (open === null ? "" : open ? t.item.open : t.item.done) },
    ];
  }, [t, flows, found]);

  return (
    <Page
      label={t.bills}
      bar={
        <>
          {tabs}
          <Segments
            label={t.show}
            testId="bill-show"
            value={show}
            onChange={setAsked}
            segments={[
              { value: "differences", label: t.shown.differences },
              { value: "all", label: t.shown.all },
            ]}
          />
        </>
      }
      aside={
        <>
          <h1>
            {bill.day} · {t.types[bill.bill]}
          </h1>
          {read.data === undefined ? null : <BillFacts entry={read.data.entry} origin={origin(read.data.entry)} />}
          {shown === undefined ? null : (
            <Facts
              facts={[
                { label: t.columns.state, value: found[shown.found] },
                { label: t.columns.number, value: shown.number || "—", note: shown.provider_no },
                ...(shown.note === "" ? [] : [{ label: t.columns.money, value: shown.note }]),
              ]}
            />
          )}
          {read.data === undefined || read.data.left_out === 0 ? null : <Quiet>{t.leftOut(read.data.left_out)}</Quiet>}
          <Actions>
            <Button chord="Escape" onClick={onBack} data-testid="bill-back">
              {t.back}
            </Button>
          </Actions>
        </>
      }
    >
      {read.error === null ? (
        <DataGrid
          key={show}
          label={t.types[bill.bill]}
          rows={rows}
          columns={columns}
          rowKey={({ key }) => key}
          rowData={({ found: how, money, open }) => ({ "data-testid": "bill-item", "data-found": how, "data-money": money, "data-open": String(open) })}
          onActive={(row) => setActive(row?.key ?? null)}
          autoFocus
          empty={read.isPending ? null : <EmptyState title={t.nothing} />}
        />
      ) : (
        <ErrorPanel title={read.error.why.code === "unreachable" ? t.offline : errorText(read.error.why)} code={read.error.why.code} />
      )}
    </Page>
  );
}
