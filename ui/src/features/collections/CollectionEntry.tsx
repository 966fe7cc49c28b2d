/// Makes a collection. Its method decides what else the form asks: cash, a transfer or a cheque are
/// recorded and wait for finance; online, Save becomes Pay, and the collection makes itself once the
/// money has come. Either way it falls on the open orders oldest first, and every part can be changed.
import { useEffect, useMemo, useRef, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, useKeys } from "../../app/keys";
import { replaceRoute } from "../../app/router";
import type { AllocationRow, ButtonName, DistributorId, PaymentMethod, Purpose } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { Field } from "../../components/Field";
import { MoneyField } from "../../components/MoneyField";
import { Form, Page, Quiet } from "../../components/Page";
import { Segments } from "../../components/Segments";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useLang, useT } from "../../i18n";
import { formatShort } from "../../i18n/time";
import { words } from "../../i18n/words";
import { compareMoney, editableAmount, type Fen, formatAmount, formatMoney, isZeroMoney, parseMoney } from "../../money";
import { DistributorBox } from "../distributors/DistributorBox";
import { freeOf } from "../orders/entry";
import { allocated, favour, type Typed } from "./allocate";
import styles from "./CollectionEntry.module.css";
import { messages } from "./messages";

const BY_HAND = ["cash", "bank_transfer", "cheque"] as const satisfies readonly PaymentMethod[];
type Method = (typeof BY_HAND)[number] | "online";
const PURPOSES = ["order_payment", "prepaid_deposit", "other"] as const satisfies readonly Purpose[];

interface Props {
  order?: string;
  distributor?: string;
  purpose?: string;
  method?: string;
}

export function CollectionEntry({ order, distributor, purpose, method: begin }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const lang = useLang();
  const [who, setWho] = useState<DistributorId | null>(distributor ?? null);
  const [forWhat, setForWhat] = useState<Purpose>(PURPOSES.find((one) => one === purpose) ?? "order_payment");
  const [method, setMethod] = useState<Method>(begin === "online" ? begin : (BY_HAND.find((one) => one === begin) ?? "cash"));
  const [typedAmount, setAmount] = useState<Fen | null>();
  const [note, setNote] = useState("");
  const [typed, setTyped] = useState<Typed | null>(null);
  const [tried, setTried] = useState(false);
  const amountField = useRef<HTMLInputElement>(null);

  const known = distributor !== undefined;
  useEffect(() => {
    if (known) amountField.current?.focus();
  }, [known]);

  const view = useRead("distributor_get", { distributor: who ?? "" }, { enabled: who !== null });
  const detail = useRead("order_detail", { order: order ?? "" }, { enabled: order !== undefined });
  // Brought for one order: what is owed on it is the likely amount.
  const amount = typedAmount === undefined ? (detail.data === undefined ? null : freeOf(detail.data.order)) : typedAmount;
  const positive = amount !== null && compareMoney(amount, "0") > 0;
  const toOrders = forWhat === "order_payment";
  const suggestion = useRead(
    "allocate_suggest",
    { distributor: who ?? "", amount_fen: amount ?? "0" },
    { enabled: who !== null && positive && toOrders, keep: true },
  );
  const record = useAct("collection_record");
  const pay = useAct("pay_collection");
  const layout = useRead("config", {}).data?.current.config.layouts.collection_create;
  const online = useRead("buttons", { object: "payment_collection", placement: "create", orders: [] });

  const suggested = useMemo(() => (toOrders && positive ? (suggestion.data?.rows ?? []) : []), [toOrders, positive, suggestion.data]);
  const { rows, rest } = allocated(
    amount ?? "0",
    suggested,
    typed ?? (order === undefined || amount === null ? {} : favour(amount, suggested, order)),
  );
  const over = compareMoney(rest, "0") < 0;
  const ready = who !== null && positive && !over && !record.busy && !pay.busy;
  const buttons = online.data?.buttons ?? [];
  const hidden = layout?.visible === false;
  // A page without the field offers both ways; with it, the method decides.
  const paysOnline = method === "online" && buttons.length > 0;
  const methods: readonly Method[] = buttons.length > 0 ? [...BY_HAND, "online"] : BY_HAND;

  const columns: Column<AllocationRow>[] = [
      { id: "number", header: t.order, width: 150, grow: true, cell: (row) => row.number },
      { id: "at", header: t.orderedAt, width: 110, cell: (row) => formatShort(row.ordered_at) },
      { id: "owed", header: t.owed, width: 120, align: "end", cell: (row) => formatAmount(row.owed_fen) },
      { id: "waiting", header: t.waiting, width: 120, align: "end", cell: (row) => (isZeroMoney(row.waiting_fen) ? "–" : formatAmount(row.waiting_fen)) },
      {
        id: "amount",
        header: t.allocated,
        width: 130,
        align: "end",
        cell: (row) => (isZeroMoney(row.amount_fen) ? "–" : formatAmount(row.amount_fen)),
        edit: {
          text: (row) => editableAmount(row.amount_fen),
          commit: (row, text) => {
            const fen = text.trim() === "" ? "0" : parseMoney(text);
            if (fen === null || compareMoney(fen, "0") < 0) return false;
            setTyped((held) => ({ ...(held ?? Object.fromEntries(rows.map((one) => [one.order, one.amount_fen]))), [row.order]: fen }));
            return true;
          },
        },
      },
  ];

  const parts = rows.filter((row) => !isZeroMoney(row.amount_fen)).map((row) => ({ order: row.order, amount_fen: row.amount_fen }));
  const save = async (): Promise<void> => {
    setTried(true);
    if (!ready) {
      if (!positive) amountField.current?.focus();
      return;
    }
    const done = await record.run({ distributor: who, purpose: forWhat, method: method === "online" ? "cash" : method, amount_fen: amount, allocations: parts, note: note.trim() });
    if (done === null) return;
    say("ok", t.saved);
    replaceRoute("collections", { collection: done.collection });
  };
  // The same sheet for both: the QR for whoever stands here, the link for whoever does not.
  const ask = async (name: ButtonName): Promise<void> => {
    setTried(true);
    if (!ready) {
      if (!positive) amountField.current?.focus();
      return;
    }
    const sheet = await pay.run({ distributor: who, purpose: forWhat, amount_fen: amount, allocations: parts });
    if (sheet !== null) replaceRoute("pay", { intent: sheet.intent.intent.id, ...(name === "online_payment" ? { how: "link" } : {}) });
  };
  const [main] = buttons.toSorted((a) => (a.name === "qr_code_payment" ? -1 : 1));
  const go = (): void => void (paysOnline && main !== undefined ? ask(main.name) : save());
  useKeys({ save: go });

  const empty = !toOrders ? (
    <EmptyState title={forWhat === "prepaid_deposit" ? t.toDeposit : t.noOpenDetail} />
  ) : positive && suggestion.data !== undefined ? (
    <EmptyState title={t.noOpen} detail={t.noOpenDetail} />
  ) : (
    <EmptyState title={t.enterAmount} />
  );

  return (
    <Page
      label={t.entryTitle}
      bar={
        <>
          <h1>{t.entryTitle}</h1>
          <Quiet>{t.entryDetail}</Quiet>
        </>
      }
      asideWidth="wide"
      aside={
        <Form label={t.entryTitle}>
          {who === null ? (
            <Field label={t.distributor} required>
              {() => (
                <DistributorBox
                  autoFocus
                  onPick={(row) => {
                    setWho(row.id);
                    setTyped(null);
                    amountField.current?.focus();
                  }}
                />
              )}
            </Field>
          ) : (
            <div>
              <h1 data-testid="collection-distributor">{view.data?.distributor.name}</h1>
              <span className={styles.note}>
                {t.owed} {formatMoney(view.data?.owed_fen ?? "0")}
                {view.data?.as_of ? ` · ${w.asOf(formatShort(view.data.as_of))}` : ""}
              </span>
            </div>
          )}
          {hidden ? null : (
            <Field label={t.method} required={layout?.required ?? false}>
              {() => (
                <Segments
                  label={t.method}
                  testId="method"
                  value={paysOnline || method !== "online" ? method : "cash"}
                  onChange={setMethod}
                  segments={methods.map((value) => ({ value, label: w.methods[value], disabled: layout?.readonly ?? false }))}
                />
              )}
            </Field>
          )}
          <Field label={t.purpose}>
            {() => (
              <Segments label={t.purpose} testId="purpose" value={forWhat} onChange={setForWhat} segments={PURPOSES.map((value) => ({ value, label: w.purposes[value] }))} />
            )}
          </Field>
          <MoneyField
            label={t.amount}
            big
            required
            value={amount}
            onChange={(next) => {
              setAmount(next);
              setTyped(null);
            }}
            onEnter={go}
            error={tried && !positive ? t.amountNeeded : null}
            testId="collection-amount"
            inputRef={amountField}
          />
          {paysOnline ? (
            <span className={styles.note}>{t.onlineNote}</span>
          ) : (
            <TextField label={t.noteOf[method === "online" ? "cash" : method]} value={note} onChange={setNote} onEnter={go} testId="collection-note" />
          )}
          <div className={styles.rest}>
            <span className={styles.note}>{t.rest}</span>
            <b className={over ? styles.bad : ""} data-testid="collection-rest" data-fen={rest}>
              {formatMoney(rest)}
            </b>
          </div>
          {over ? (
            <p role="alert" className={styles.bad}>
              △ {t.over}
            </p>
          ) : null}
          {paysOnline ? null : (
            <Button size="large" tone="primary" chord={KEYS.save.chord} busy={record.busy} disabled={!ready} onClick={() => void save()} data-testid="collection-save">
              {t.save}
            </Button>
          )}
          {paysOnline || hidden
            ? buttons.map((button) => (
                <Button
                  key={button.name}
                  size="large"
                  tone={paysOnline && button === main ? "primary" : "plain"}
                  {...(paysOnline && button === main ? { chord: KEYS.save.chord } : {})}
                  busy={pay.busy}
                  disabled={!ready}
                  onClick={() => void ask(button.name)}
                  data-testid={`collection-${button.name}`}
                >
                  {lang === "en" ? button.label_en : button.label_zh}
                </Button>
              ))
            : null}
        </Form>
      }
    >
      <DataGrid
        label={t.allocations}
        rows={rows}
        columns={columns}
        rowKey={(row) => row.order}
        rowData={(row) => ({ "data-testid": "allocation-row", "data-number": row.number, "data-amount-fen": row.amount_fen })}
        onEnd={() => amountField.current?.focus()}
        empty={empty}
        footer={
          rows.length === 0 ? undefined : (
            <span className={styles.note}>
              {t.autoAllocated}
              {suggestion.data?.as_of ? ` ${t.asOf(formatShort(suggestion.data.as_of))}` : ""}
            </span>
          )
        }
      />
    </Page>
  );
}
