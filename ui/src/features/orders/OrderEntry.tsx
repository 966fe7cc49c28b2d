/// Order entry: the entry box is the home of focus, every line is on disk when it is shown, and one
/// key leads on to payment. Nothing here computes money.
import { useCallback, useRef, useState } from "react";
import { useAct } from "../../app/act";
import { useKeys } from "../../app/keys";
import { goBack, newOrder, replaceRoute } from "../../app/router";
import { useScan } from "../../app/scanner";
import type { DraftView, OrderId, ProductRow, SessionView } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import type { GridHandle } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Page } from "../../components/Page";
import type { SearchHandle } from "../../components/SearchBox";
import { clearScanToasts, say, sayBadScan } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { isZeroMoney } from "../../money";
import { DepositDialog, type DepositSplit } from "./DepositDialog";
import { DistributorStrip } from "./DistributorStrip";
import { parseEntry } from "./entry";
import { EntryAside } from "./EntryAside";
import { EntryBox, findProducts } from "./EntryBox";
import { LineGrid } from "./LineGrid";
import { messages } from "./messages";
import { useButton } from "./useButton";
import { type DraftEdit, type DraftSession, useDraft } from "./useDraft";

interface Props {
  order?: string;
  fresh?: string;
  session: SessionView;
}

export function OrderEntry({ order, fresh, session }: Props) {
  const draft = useDraft(order, fresh !== undefined);
  if (draft.refused !== null) return <ErrorPanel title={errorText(draft.refused)} code={draft.refused.code} />;
  return draft.draft === null ? null : <Entry {...draft} draft={draft.draft} session={session} />;
}

function Entry({ draft, edit, settled, session }: DraftSession & { draft: DraftView; session: SessionView }) {
  const t = useT(messages);
  const mayPay = session.permissions.includes("intent_open") && session.online_payment;
  // A draft that changes a confirmed order: its page is the layout's edit page.
  const edits = draft.content.edits !== null;
  const payButton = useButton(edits ? "edit" : "create", null, mayPay);
  const config = useRead("config", {});
  const may = {
    pay: mayPay && payButton !== null,
    deposit: session.permissions.includes("deposit_spend"),
    record: session.permissions.includes("collection_record"),
  };
  const [choosing, setChoosing] = useState(false);
  const [dialog, setDialog] = useState<"deposit" | "discard" | null>(null);
  const [line, setLine] = useState<number | null>(null);
  const entryBox = useRef<SearchHandle>(null);
  const distributorBox = useRef<SearchHandle>(null);
  const grid = useRef<GridHandle>(null);
  const page = useRef<HTMLDivElement>(null);

  const confirm = useAct("order_confirm");
  const pay = useAct("pay_orders");
  const depositPay = useAct("deposit_pay");
  const discard = useAct("draft_discard");
  const busy = confirm.busy || pay.busy || depositPay.busy || discard.busy;

  const distributor = draft.content.distributor;
  const money = useRead("distributor_get", { distributor: distributor ?? "" }, { enabled: distributor !== null });
  const home = useCallback(() => entryBox.current?.focus(), []);

  const change = useCallback((one: DraftEdit) => void edit(one), [edit]);
  const add = useCallback(
    async (row: ProductRow, quantity: string) => {
      const next = await edit({ edit: "add_line", product: row.id, quantity });
      const at = next?.content.lines.findLastIndex((held) => held.product === row.id) ?? -1;
      if (at >= 0) grid.current?.select(String(at));
    },
    [edit],
  );

  const paste = (text: string): boolean => {
    if (!/[\t\n]/.test(text.trim())) return false;
    void edit({ edit: "paste", text }).then((next) => {
      if (next !== null) say("ok", t.pasted(next.content.lines.length));
    });
    return true;
  };

  // A scan names a product exactly, whatever has the focus. A fast burst that names none goes back to
  // the box it came from; digits alone are never guessed at, for a torn barcode is the beginning of
  // another.
  const scanned = async (code: string): Promise<void> => {
    const inStrip = document.activeElement?.closest("header") !== null && page.current?.contains(document.activeElement);
    const { quantity, query } = parseEntry(code);
    const rows = await findProducts(query, distributor).catch(() => []);
    const exact = rows.find((row) => row.barcode === query || row.code.toLowerCase() === query.toLowerCase());
    if (exact !== undefined) {
      clearScanToasts();
      await add(exact, quantity);
      return;
    }
    const digits = /^\d+$/.test(query);
    if (digits && rows.length === 0 && !inStrip) sayBadScan(t.unknownScan(query));
    const box = inStrip ? distributorBox.current : entryBox.current;
    box?.type(code, !digits);
  };
  useScan({ scanned: (code) => void scanned(code), partial: (text) => sayBadScan(t.unknownScan(text)) });

  /** Everything typed is on disk first; then the order is what the screen shows. */
  const submit = async (): Promise<{ order: OrderId; waits: boolean } | null> => {
    const now = await settled();
    const made = now === null ? null : await confirm.run({ order: now.order });
    return made === null ? null : { order: made.order.order.id, waits: made.order.order.state === "submitted" };
  };

  // What was a draft is an order now: going back leads past this screen, not to a draft that is gone.
  const collect = async (): Promise<void> => {
    if (edits) {
      const made = await submit();
      if (made === null) return;
      const view = await pay.run({ orders: [made.order], amount_fen: null });
      if (view === null) replaceRoute("orders", { order: made.order });
      else replaceRoute("pay", { intent: view.intent.intent.id });
      return;
    }
    const now = await settled();
    if (now === null) return;
    const view = await pay.run({ orders: [now.order], amount_fen: null });
    if (view !== null) replaceRoute("pay", { intent: view.intent.intent.id });
  };
  const confirmOnly = async (): Promise<void> => {
    const made = await submit();
    if (made === null) return;
    if (made.waits) say("info", t.waitsFor(draft.number));
    else say("ok", edits ? t.editDone(draft.number) : t.confirmed(draft.number));
    if (edits) replaceRoute("orders", { order: made.order });
    else newOrder();
  };
  const collectOffline = async (): Promise<void> => {
    const made = await submit();
    if (made !== null && distributor !== null) replaceRoute("collection-entry", { order: made.order, distributor });
  };
  const spendDeposit = async ({ uses, rest }: DepositSplit): Promise<void> => {
    const made = await submit();
    setDialog(null);
    if (made === null) return;
    const spent = await depositPay.run({ order: made.order, amount_fen: uses });
    if (spent === null || isZeroMoney(rest)) {
      if (spent !== null) say("ok", t.depositPaid(draft.number));
      replaceRoute("orders", { order: made.order });
      return;
    }
    const view = await pay.run({ orders: [made.order], amount_fen: rest });
    if (view === null) replaceRoute("orders", { order: made.order });
    else replaceRoute("pay", { intent: view.intent.intent.id });
  };
  const throwAway = async (): Promise<void> => {
    if ((await discard.run({ order: draft.order })) === null) return;
    say("info", edits ? t.editDropped : t.discarded(draft.number));
    if (edits) replaceRoute("orders", { order: draft.order });
    else newOrder();
  };

  const some = draft.content.lines.length > 0;
  const active = line !== null && line < draft.content.lines.length ? line : null;
  const cell = (column: string) => () => grid.current?.focusCell(String(active), column, true);
  useKeys({
    distributor: !edits && (() => {
      setChoosing(true);
      distributorBox.current?.focus();
    }),
    product: home,
    quantity: active !== null && cell("quantity"),
    price: active !== null && cell("price"),
    useDeposit: some && may.deposit && !busy && (() => setDialog("deposit")),
    collect: some && may.pay && !busy && (() => void collect()),
    collectOffline: some && may.record && !busy && (() => void collectOffline()),
    confirm: some && !busy && (() => void confirmOnly()),
    undo: () => change({ edit: "undo" }),
    redo: () => change({ edit: "redo" }),
    duplicateLine: active !== null && (() => change({ edit: "duplicate_line", line: active })),
    removeLine: active !== null && (() => change({ edit: "remove_line", line: active })),
    back: () => {
      // One level: out of the grid or the distributor's box to the entry box, then off the screen.
      const away = document.activeElement?.getAttribute("role") !== "combobox" || choosing;
      setChoosing(false);
      if (away && distributor !== null) home();
      else goBack();
    },
  });

  return (
    <div ref={page} style={{ height: "100%" }}>
      <Page
        label={edits ? t.editingOrder(draft.number) : t.entry}
        aside={<EntryAside draft={draft} edit={change} may={may} method={config.data?.current.config.layouts[edits ? "order_edit" : "order_create"] ?? null} busy={busy} onDiscard={() => setDialog("discard")} />}
      >
        <DistributorStrip
          draft={draft}
          choosing={choosing}
          onChoose={() => setChoosing(true)}
          onPick={(row) => {
            setChoosing(false);
            if (row.id !== distributor) change({ edit: "set_distributor", distributor: row.id });
            home();
          }}
          ref={distributorBox}
        />
        <EntryBox
          distributor={distributor}
          onPick={(row, quantity) => void add(row, quantity)}
          onPaste={paste}
          autoFocus={distributor !== null}
          ref={entryBox}
        />
        <LineGrid draft={draft} edit={change} onActive={setLine} onEnd={home} ref={grid} />
      </Page>
      {dialog === "deposit" ? (
        <DepositDialog
          owed={draft.totals.total_fen}
          reserve={money.data?.reserve_fen ?? "0"}
          busy={busy}
          onPay={(split) => void spendDeposit(split)}
          onClose={() => setDialog(null)}
        />
      ) : null}
      {dialog === "discard" ? (
        <Dialog
          title={edits ? t.editDiscard : t.discard}
          onClose={() => setDialog(null)}
          actions={
            <>
              <Button chord="Escape" onClick={() => setDialog(null)}>
                {t.keep}
              </Button>
              <Button tone="bad" busy={discard.busy} onClick={() => void throwAway()} data-testid="discard-go">
                {edits ? t.editDiscard : t.discard}
              </Button>
            </>
          }
        >
          <p>{edits ? t.editDiscardAsk : t.discardAsk}</p>
        </Dialog>
      ) : null}
    </div>
  );
}
