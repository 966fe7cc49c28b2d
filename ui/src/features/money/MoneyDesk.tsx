/// Money without a home on finance's desk: what there is of it and why, and the proposals about it.
/// Who proposed never approves (rule 9.5); the core refuses, and so says the screen.
import { type ReactNode, useMemo, useState } from "react";
import { KEYS, runAction, useKeys } from "../../app/keys";
import type { OpenMoney, Permission } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { Actions, Facts, Page, Quiet } from "../../components/Page";
import { Segments } from "../../components/Segments";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { formatShort } from "../../i18n/time";
import { formatAmount, formatMoney } from "../../money";
import styles from "../collections/CollectionEntry.module.css";
import { FreeDialog } from "./FreeDialog";
import { MatchDialog } from "./MatchDialog";
import { Matches } from "./Matches";
import { messages } from "./messages";
import { Evidence, moneyKey } from "./parts";

interface Props {
  tabs: ReactNode;
  may: (permission: Permission) => boolean;
}

export function MoneyDesk({ tabs, may }: Props) {
  const t = useT(messages);
  const [scope, setScope] = useState<"open" | "waiting" | "all">("open");
  const bar = (
    <>
      {tabs}
      <Segments
        label={t.scope}
        testId="money-scope"
        value={scope}
        onChange={setScope}
        segments={[
          { value: "open", label: t.open },
          { value: "waiting", label: t.waiting },
          { value: "all", label: t.all },
        ]}
      />
    </>
  );
  return scope === "open" ? <Open bar={bar} may={may} /> : <Matches key={scope} bar={bar} may={may} waitingOnly={scope === "waiting"} />;
}

function Open({ bar, may }: { bar: ReactNode; may: Props["may"] }) {
  const t = useT(messages);
  const [active, setActive] = useState<string | null>(null);
  const list = useRead("open_money", {});
  const rows = list.data ?? [];
  const shown = rows.find((row) => moneyKey(row) === active);
  const columns = useMemo<Column<OpenMoney>[]>(
    () => [
      { id: "kind", header: t.columns.kind, width: 126, cell: (row) => <StateTag tone={row.kind === "held" ? "warn" : "bad"}>{t.kinds[row.kind]}</StateTag> },
      { id: "subject", header: t.columns.subject, width: 228, cell: (row) => row.subject },
      { id: "distributor", header: t.columns.distributor, width: 110, grow: true, cell: (row) => row.distributor_name || "–" },
      { id: "at", header: t.columns.at, width: 98, cell: (row) => formatShort(row.at) },
      { id: "amount", header: t.columns.amount, width: 106, align: "end", cell: (row) => formatAmount(row.amount_fen) },
    ],
    [t],
  );
  return (
    <Page
      label={t.money}
      asideWidth="wide"
      bar={bar}
      aside={
        shown === undefined ? (
          <EmptyState title={t.choose} />
        ) : (
          <>
            <div className={styles.name}>
              <h1>{formatMoney(shown.amount_fen)}</h1>
              <StateTag tone={shown.kind === "held" ? "warn" : "bad"}>{t.kinds[shown.kind]}</StateTag>
            </div>
            <Quiet>{t.kindWhy[shown.kind]}</Quiet>
            <Facts
              facts={[
                { label: t.columns.subject, value: shown.subject },
                { label: t.distributor, value: shown.distributor_name || "–" },
              ]}
            />
            <Evidence record={shown.evidence} />
            <MoneyActions money={shown} may={may} />
          </>
        )
      }
    >
      <DataGrid
        label={t.money}
        rows={rows}
        columns={columns}
        rowKey={moneyKey}
        rowData={(row) => ({ "data-testid": "money-row", "data-kind": row.kind, "data-amount-fen": row.amount_fen, "data-waiting": String(row.waiting) })}
        onActive={(row) => row !== null && setActive(moneyKey(row))}
        autoFocus
        empty={list.isPending ? null : <EmptyState title={t.noneOpen} />}
      />
    </Page>
  );
}

/** What this person may do about a sum of money, and its dialog. */
export function MoneyActions({ money, may }: { money: OpenMoney; may: Props["may"] }) {
  const t = useT(messages);
  const [open, setOpen] = useState(false);
  const held = money.kind === "held";
  const mayAct = may(held ? "held_money_free" : "match_money_propose") && !money.waiting;
  useKeys({ placeMoney: mayAct && (() => setOpen(true)) });
  if (money.waiting)
    return (
      <Actions>
        <StateTag tone="accent">{held ? t.freeing : t.waits}</StateTag>
      </Actions>
    );
  if (!mayAct) return null;
  return (
    <>
      <Actions>
        <Button tone="primary" chord={KEYS.placeMoney.chord} onClick={() => runAction("placeMoney")} data-testid="money-place">
          {held ? t.free : t.place}
        </Button>
      </Actions>
      {open && held ? <FreeDialog money={money} onClose={() => setOpen(false)} /> : null}
      {open && !held ? <MatchDialog money={money} onClose={() => setOpen(false)} /> : null}
    </>
  );
}
