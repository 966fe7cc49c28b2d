/// Orders: whose, in which payment state, found by number or name; the one under the cursor beside
/// the list with what happened to it; F9 asks for the money of one or of all marked.
import { useEffect, useMemo, useRef, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import { navigate } from "../../app/router";
import type { BulkRow, Conditions, OrderId, OrderListSetup, OrderRow, OrderScenario, PaymentState, Permission } from "../../api/generated";
import { usePages, useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Gap, Page, Quiet } from "../../components/Page";
import { ReasonDialog } from "../../components/ReasonDialog";
import { Filters, Segments } from "../../components/Segments";
import { StateTag } from "../../components/StateTag";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatShort } from "../../i18n/time";
import { words } from "../../i18n/words";
import { compareMoney, formatAmount, isZeroMoney } from "../../money";
import { BulkResult } from "./BulkResult";
import { DepositDialog } from "./DepositDialog";
import { freeOf } from "./entry";
import { messages } from "./messages";
import { OrderAside } from "./OrderAside";
import { OrderListDialog } from "./OrderListDialog";
import { exportColumns, useOrderFields } from "./orderFields";
import { PaymentTag } from "./PaymentTag";
import { SearchField } from "../../components/SearchField";
import { useButton } from "./useButton";

interface Props {
  order?: string;
  may: (permission: Permission) => boolean;
  /** Online payment is switched on. */
  online: boolean;
}

const STATES = ["unpaid", "partly_paid", "paid", "overpaid"] as const satisfies readonly PaymentState[];
const NONE: ReadonlySet<string> = new Set();
const NO_SETUP: OrderListSetup = { saved: [], hidden_columns: [] };
const SCENARIOS = ["mine", "department", "all"] as const satisfies readonly OrderScenario[];
/** The segment of a list with a name. */
const SAVED = "saved:";

export function OrdersScreen({ order, may, online }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const [scenario, setScenario] = useState<OrderScenario>("all");
  const [states, setStates] = useState<readonly PaymentState[]>([]);
  const [query, setQuery] = useState("");
  const [conditions, setConditions] = useState<Conditions>([]);
  const [named, setNamed] = useState("");
  const [active, setActive] = useState<OrderId | null>(order ?? null);
  const [marked, setMarked] = useState(NONE);
  const [dialog, setDialog] = useState<"deposit" | "cancel" | "refine" | "edit" | null>(null);
  const [bulk, setBulk] = useState<readonly BulkRow[] | null>(null);
  const search = useRef<HTMLInputElement>(null);

  const list = usePages(
    "order_list",
    { scenario, payment_states: [...states], distributor: null, query: query.trim(), conditions },
    (row) => row.ordered_at,
  );
  const setup = useRead("order_list_setup", {}).data ?? NO_SETUP;
  const fields = useOrderFields();
  const exporting = useAct("order_export");
  // An order that one comes for may lie pages back: then the list shows it alone.
  const asked = useRead("order_detail", { order: order ?? "" }, { enabled: order !== undefined });
  const askedNumber = asked.data?.order.order.number;
  const sought = useRef(false);
  const listed = list.loading || list.rows.some((row) => row.id === order);
  useEffect(() => {
    if (listed || sought.current || askedNumber === undefined) return;
    sought.current = true;
    setQuery(askedNumber);
  }, [listed, askedNumber]);

  const detail = useRead("order_detail", { order: active ?? "" }, { enabled: active !== null, keep: true });
  const pay = useAct("pay_orders");
  const payBulk = useAct("pay_bulk");
  const copy = useAct("order_copy");
  const edit = useAct("order_edit");

  const allColumns = useOrderColumns();
  const columns = useMemo(() => allColumns.filter(({ id }) => id === "number" || !setup.hidden_columns.includes(id)), [allColumns, setup]);
  const first = list.rows.find((row) => row.id === active);

  const collect = async (): Promise<void> => {
    if (marked.size > 0) {
      // In the order of the list; the core checks every row and answers for each.
      const ids = list.rows.filter((row) => marked.has(row.id)).map((row) => row.id);
      const results = await payBulk.run({ orders: ids });
      if (results !== null) setBulk(results);
      return;
    }
    if (first === undefined) return;
    if (first.payment_state !== "unpaid" && first.payment_state !== "partly_paid") {
      say("bad", t.nothingOwed);
      return;
    }
    const live = detail.data?.order.order.id === first.id ? detail.data.order.live_intents[0] : undefined;
    if (live !== undefined) {
      navigate("pay", { intent: live });
      return;
    }
    const view = await pay.run({ orders: [first.id], amount_fen: null });
    if (view !== null) navigate("pay", { intent: view.intent.intent.id });
  };
  const exportRows = async (): Promise<void> => {
    const made = await exporting.run({
      scenario,
      payment_states: [...states],
      distributor: null,
      query: query.trim(),
      conditions,
      columns: exportColumns(columns.map(({ id }) => id), fields, t),
    });
    if (made !== null) say("ok", t.exported(made.rows, made.file));
  };
  const open = (segment: string): void => {
    const saved = setup.saved.find(({ name }) => SAVED + name === segment);
    if (saved === undefined) setScenario(SCENARIOS.find((one) => one === segment) ?? "all");
    else setScenario(saved.scenario);
    // A named list brings its conditions and takes them along; what was asked by hand stays.
    if (saved !== undefined || named !== "") setConditions(saved?.conditions ?? []);
    setNamed(saved?.name ?? "");
  };
  const copyAsNew = async (): Promise<void> => {
    if (active === null) return;
    const draft = await copy.run({ order: active });
    if (draft !== null) navigate("order-entry", { order: draft.order });
  };

  const change = async (): Promise<void> => {
    setDialog(null);
    if (active === null) return;
    const draft = await edit.run({ order: active });
    if (draft !== null) navigate("order-entry", { order: draft.order });
  };

  const shown = detail.data?.order.order.id === active ? detail.data : undefined;
  const owes = shown !== undefined && compareMoney(freeOf(shown.order), "0") > 0 && shown.order.order.state !== "cancelled";
  const mayPay = may("intent_open") && online;
  const rowButton = useButton("list_row", active, mayPay);
  const bulkButton = useButton("list_bulk", null, mayPay);
  const detailButton = useButton("detail", active, mayPay);
  // Marked rows are asked for by the bulk button, which always shows; one order by the list's or its own.
  const listButton = marked.size > 0 ? bulkButton : rowButton;
  const busy = pay.busy || payBulk.busy;
  const listPays = listButton !== null && !busy && (marked.size > 0 || (first !== undefined && listButton.on));
  const detailPays = detailButton !== null && !busy && first !== undefined && marked.size === 0 && detailButton.on;
  const changeable = shown !== undefined && (shown.order.order.state === "confirmed" || shown.order.order.state === "submitted");
  const mayEdit = may("order_create") && changeable && !edit.busy;
  const askEdit = (): void => {
    if (shown !== undefined && shown.order.live_intents.length > 0) setDialog("edit");
    else void change();
  };
  useKeys({
    filter: () => search.current?.focus(),
    refine: () => setDialog("refine"),
    exportRows: !exporting.busy && (() => void exportRows()),
    payOrder: (listPays || detailPays) && (() => void collect()),
    collectFor:
      may("collection_record") &&
      first !== undefined &&
      (() => navigate("collection-entry", { order: first.id, distributor: first.distributor })),
    payFromDeposit: may("deposit_spend") && owes && (() => setDialog("deposit")),
    editOrder: mayEdit && askEdit,
    copyAsNew: may("order_create") && active !== null && (() => void copyAsNew()),
  });

  return (
    <>
      <Page
        label={t.list}
        asideWidth="wide"
        bar={
          <>
            <Segments
              label={t.scenario}
              testId="scenario"
              value={named === "" ? scenario : SAVED + named}
              onChange={open}
              segments={[
                ...SCENARIOS.map((value) => ({ value, label: t[value] })),
                ...setup.saved.map(({ name }) => ({ value: SAVED + name, label: name })),
              ]}
            />
            <Filters
              label={t.paymentState}
              testId="filter"
              values={states}
              onChange={setStates}
              segments={STATES.map((value) => ({ value, label: w.paymentStates[value] }))}
            />
            <SearchField label={t.search} value={query} onChange={setQuery} testId="order-search" inputRef={search} />
            <Button tone="quiet" chord={KEYS.refine.chord} onClick={() => runAction("refine")} data-testid="refine">
              {t.refineCount(conditions.flat().length)}
            </Button>
            <Button tone="quiet" chord={KEYS.exportRows.chord} busy={exporting.busy} onClick={() => runAction("exportRows")} data-testid="export">
              {t.exportRows}
            </Button>
            <Gap />
            {marked.size > 0 ? <Quiet>{t.marked(marked.size)}</Quiet> : null}
            {listButton === null ? null : (
              <Button tone="primary" chord={KEYS.payOrder.chord} busy={busy} disabled={!listPays} onClick={() => runAction("payOrder")} data-testid="online-payment">
                {listButton.label}
              </Button>
            )}
          </>
        }
        aside={
          shown === undefined ? (
            <EmptyState title={t.chooseOrder} />
          ) : (
            <OrderAside
              detail={shown}
              may={{ approve: may("order_approve"), deposit: may("deposit_spend"), cancel: may("order_cancel"), copy: may("order_create"), edit: mayEdit }}
              pay={detailButton !== null && detailButton.on ? { label: detailButton.label, ready: detailPays } : null}
              onCancel={() => setDialog("cancel")}
            />
          )
        }
      >
        {list.error === null ? (
          <DataGrid
            label={t.list}
            rows={list.rows}
            columns={columns}
            rowKey={(row) => row.id}
            rowData={(row) => ({
              "data-testid": "order-row",
              "data-number": row.number,
              "data-payment-state": row.payment_state,
              "data-pending": String(row.pending),
            })}
            onActive={(row) => row !== null && setActive(row.id)}
            marked={marked}
            onMark={setMarked}
            onNearEnd={list.more}
            initialKey={order}
            autoFocus
            empty={list.loading ? null : <EmptyState title={t.noOrders} detail={t.noOrdersDetail} />}
          />
        ) : (
          <ErrorPanel title={errorText(list.error.why)} code={list.error.why.code} />
        )}
      </Page>
      {dialog === "refine" ? (
        <OrderListDialog
          conditions={conditions}
          scenario={scenario}
          setup={setup}
          name={named}
          columns={allColumns.filter(({ id }) => id !== "number")}
          onApply={(next, name) => {
            setConditions(next);
            setNamed(name);
            setDialog(null);
          }}
          onClose={() => setDialog(null)}
        />
      ) : null}
      {dialog === "deposit" && shown !== undefined ? <OrderDeposit detail={shown} onClose={() => setDialog(null)} /> : null}
      {bulk === null ? null : (
        <BulkResult
          rows={bulk}
          onClose={() => {
            setBulk(null);
            setMarked(NONE);
          }}
        />
      )}
      {dialog === "edit" && shown !== undefined ? (
        <Dialog
          title={t.editLiveTitle}
          onClose={() => setDialog(null)}
          onConfirm={() => void change()}
          actions={
            <>
              <Button chord="Escape" onClick={() => setDialog(null)}>
                {t.cancel}
              </Button>
              <Button tone="primary" chord="Enter" onClick={() => void change()} data-testid="edit-go">
                {t.editGo}
              </Button>
            </>
          }
        >
          <p>{t.editLive}</p>
        </Dialog>
      ) : null}
      {dialog === "cancel" && shown !== undefined ? <CancelDialog order={shown.order.order.id} live={shown.order.live_intents.length > 0} onClose={() => setDialog(null)} /> : null}
    </>
  );
}

/** The same columns wherever orders are listed. */
export function useOrderColumns(): readonly Column<OrderRow>[] {
  const t = useT(messages);
  const w = useT(words);
  return useMemo<Column<OrderRow>[]>(
    () => [
      { id: "number", header: t.listColumns.number, width: 136, cell: (row) => row.number },
      { id: "distributor", header: t.listColumns.distributor, width: 120, grow: true, cell: (row) => row.distributor_name },
      { id: "at", header: t.listColumns.at, width: 96, cell: (row) => formatShort(row.ordered_at) },
      { id: "total", header: t.listColumns.total, width: 96, align: "end", cell: (row) => formatAmount(row.total_fen) },
      { id: "paid", header: t.listColumns.paid, width: 96, align: "end", cell: (row) => formatAmount(row.paid_fen) },
      {
        id: "payment",
        header: t.listColumns.payment,
        width: 148,
        cell: (row) => <PaymentTag state={row.payment_state} total={row.total_fen} paid={row.paid_fen} waiting={row.waiting_fen} short />,
      },
      {
        id: "sync",
        header: t.listColumns.sync,
        width: 112,
        cell: (row) =>
          row.attention ? (
            <StateTag tone="bad">{w.toLookAt}</StateTag>
          ) : row.pending ? (
            <StateTag tone="warn">{w.pending}</StateTag>
          ) : (
            <Quiet>{row.state === "confirmed" ? w.synced : w.orderStates[row.state]}</Quiet>
          ),
      },
    ],
    [t, w],
  );
}

type Detail = NonNullable<ReturnType<typeof useRead<"order_detail">>["data"]>;

function OrderDeposit({ detail, onClose }: { detail: Detail; onClose: () => void }) {
  const t = useT(messages);
  const { order } = detail.order;
  const money = useRead("distributor_get", { distributor: order.content.distributor });
  const spend = useAct("deposit_pay");
  const pay = useAct("pay_orders");
  if (money.data === undefined) return null;
  return (
    <DepositDialog
      owed={freeOf(detail.order)}
      reserve={money.data.reserve_fen}
      busy={spend.busy || pay.busy}
      onClose={onClose}
      onPay={({ uses, rest }) => {
        void (async () => {
          const spent = await spend.run({ order: order.id, amount_fen: uses });
          if (spent === null) return;
          say("ok", t.depositPaid(order.number));
          const view = isZeroMoney(rest) ? null : await pay.run({ orders: [order.id], amount_fen: rest });
          onClose();
          if (view !== null) navigate("pay", { intent: view.intent.intent.id });
        })();
      }}
    />
  );
}

function CancelDialog({ order, live, onClose }: { order: OrderId; live: boolean; onClose: () => void }) {
  const t = useT(messages);
  const cancel = useAct("order_cancel");
  const go = async (reason: string): Promise<void> => {
    if ((await cancel.run({ order, reason })) !== null) onClose();
  };
  return (
    <ReasonDialog
      title={t.cancelOrder}
      words={{ reason: t.cancelReason, back: t.cancel, go: t.cancelOrder }}
      busy={cancel.busy}
      onGo={(reason) => void go(reason)}
      onClose={onClose}
      testId="order-cancel"
    >
      <p>{t.cancelAsk}</p>
      {live ? <p>{t.cancelLive}</p> : null}
    </ReasonDialog>
  );
}
