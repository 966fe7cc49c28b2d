/// Records cash, a transfer or a cheque. It falls on the open orders oldest first; every part can be
/// changed in the grid. It is money only once finance says so.
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

/** What is recorded by hand; with it `online`, which is asked for and never typed. */
const METHODS = ["cash", "bank_transfer", "cheque"] as const satisfies readonly PaymentMethod[];
type Method = (typeof METHODS)[number] | "online";
const PURPOSES = ["order_payment", "prepaid_deposit", "other"] as const satisfies readonly Purpose[];

interface Props {
  order?: string;
  distributor?: string;
  purpose?: string;
}

export function CollectionEntry({ order, distributor, purpose }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const lang = useLang();
  const [who, setWho] = useState<DistributorId | null>(distributor ?? null);
  const [forWhat, setForWhat] = useState<Purpose>(PURPOSES.find((one) => one === purpose) ?? "order_payment");
  const [method, setMethod] = useState<Method>("cash");
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
  const payOrders = useAct("pay_orders");
  const topUp = useAct("pay_top_up");
  const layout = useRead("config", {}).data?.current.config.layouts.collection_create;
  const online = useRead("buttons", { object: "payment_collection", placement: "create", orders: [] });

  const suggested = useMemo(() => (toOrders && positive ? (suggestion.data?.rows ?? []) : []), [toOrders, positive, suggestion.data]);
  const { rows, rest } = allocated(
    amount ?? "0",
    suggested,
    typed ?? (order === undefined || amount === null ? {} : favour(amount, suggested, order)),
  );
  const over = compareMoney(rest, "0") < 0;
  const buttons = online.data?.buttons ?? [];
  // Switched off meanwhile, or for this role: what is left is to record.
  const paysOnline = method === "online" && buttons.length > 0;
  const ready = who !== null && positive && !over && !record.busy;

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

  const save = async (): Promise<void> => {
    setTried(true);
    if (!ready) {
      if (!positive) amountField.current?.focus();
      return;
    }
    if (method === "online") return;
    const done = await record.run({
      distributor: who,
      purpose: forWhat,
      method,
      amount_fen: amount,
      allocations: rows.filter((row) => !isZeroMoney(row.amount_fen)).map((row) => ({ order: row.order, amount_fen: row.amount_fen })),
      note: note.trim(),
    });
    if (done === null) return;
    say("ok", t.saved);
    replaceRoute("collections", { collection: done.collection });
  };
  // Paid online nothing is recorded here: the collection comes by itself once the money has.
  const asked = rows.filter((row) => !isZeroMoney(row.amount_fen));
  const askable = ready && (forWhat === "prepaid_deposit" || (toOrders && isZeroMoney(rest) && asked.length > 0));
  const ask = async (name: ButtonName): Promise<void> => {
    setTried(true);
    if (!askable) {
      if (!positive) amountField.current?.focus();
      return;
    }
    const sheet =
      forWhat === "prepaid_deposit"
        ? await topUp.run({ distributor: who, amount_fen: amount })
        : await payOrders.run({
            orders: asked.map((row) => row.order),
            amount_fen: amount,
            allocations: asked.map((row) => ({ order: row.order, amount_fen: row.amount_fen })),
          });
    if (sheet === null) return;
    replaceRoute("pay", { intent: sheet.intent.intent.id, ...(name === "online_payment" ? { send: "1" } : {}) });
  };
  const [first] = buttons;
  // Save turns into Pay.
  const go = (): void => void (paysOnline ? first !== undefined && ask(first.name) : save());
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
          {layout?.visible === false ? null : (
            <Field label={t.method}>
              {() => (
                <Segments
                  label={t.method}
                  testId="method"
                  value={paysOnline || method !== "online" ? method : "cash"}
                  onChange={setMethod}
                  segments={[
                    ...METHODS.map((value) => ({ value, label: w.methods[value], disabled: layout?.readonly ?? false })),
                    ...(buttons.length === 0 ? [] : [{ value: "online" as const, label: t.online, disabled: layout?.readonly ?? false }]),
                  ]}
                />
              )}
            </Field>
          )}
          <Field label={t.purpose}>
            {() => (
              <Segments label={t.purpose} testId="purpose" value={forWhat} onChange={setForWhat} segments={PURPOSES.map((value) => ({ value, label: w.purposes[value], disabled: paysOnline && value === "other" }))} />
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
          {paysOnline ? null : <TextField label={t.note} placeholder={t.noteHint} value={note} onChange={setNote} onEnter={go} testId="collection-note" />}
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
          {paysOnline ? (
            <>
              {buttons.map((button, at) => (
                <Button
                  key={button.name}
                  size="large"
                  {...(at === 0 ? { tone: "primary" as const, chord: KEYS.save.chord } : {})}
                  busy={payOrders.busy || topUp.busy}
                  disabled={!askable}
                  onClick={() => void ask(button.name)}
                  data-testid={`collection-${button.name}`}
                >
                  {lang === "en" ? button.label_en : button.label_zh}
                </Button>
              ))}
              <span className={styles.note}>{t.onlineNote}</span>
            </>
          ) : (
            <Button size="large" tone="primary" chord={KEYS.save.chord} busy={record.busy} disabled={!ready} onClick={go} data-testid="collection-save">
              {t.save}
            </Button>
          )}
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
