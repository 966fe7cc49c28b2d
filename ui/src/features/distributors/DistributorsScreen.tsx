/// Everything about one distributor on one page: who they are, where the money stands, their orders
/// and collections. One that is met on the road is made here, offline as well.
import { type ReactNode, useRef, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import { navigate, replaceRoute } from "../../app/router";
import type { DistributorId, Permission } from "../../api/generated";
import { usePages, useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Actions, Facts, Gap, Page, Panel, Quiet, Stack } from "../../components/Page";
import type { SearchHandle } from "../../components/SearchBox";
import { StateTag } from "../../components/StateTag";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatShort } from "../../i18n/time";
import { words } from "../../i18n/words";
import { formatMoney } from "../../money";
import { collectionData, useCollectionColumns } from "../collections/columns";
import { useOrderColumns } from "../orders/OrdersScreen";
import { DistributorBox } from "./DistributorBox";
import { messages } from "./messages";

interface Props {
  distributor?: string;
  may: (permission: Permission) => boolean;
}

export function DistributorsScreen({ distributor, may }: Props) {
  const t = useT(messages);
  const [adding, setAdding] = useState(false);
  const box = useRef<SearchHandle>(null);
  useKeys({
    filter: () => box.current?.focus(),
    add: may("distributor_create") && (() => setAdding(true)),
    collectFor: may("collection_record") && distributor !== undefined && (() => navigate("collection-entry", { distributor })),
  });
  const bar = (
    <>
      <DistributorBox
        key={distributor}
        autoFocus={distributor === undefined}
        onPick={(row) => replaceRoute("distributors", { distributor: row.id })}
        ref={box}
      />
      <Gap />
      {may("distributor_create") ? (
        <Button chord={KEYS.add.chord} onClick={() => runAction("add")} data-testid="distributor-new">
          {t.add}
        </Button>
      ) : null}
    </>
  );
  return (
    <>
      {distributor === undefined ? (
        <Page label={t.distributor} bar={bar}>
          <EmptyState title={t.choose} detail={t.chooseDetail} />
        </Page>
      ) : (
        <Whole distributor={distributor} may={may} bar={bar} />
      )}
      {adding ? <NewDialog onClose={() => setAdding(false)} /> : null}
    </>
  );
}

function Whole({ distributor, may, bar }: { distributor: DistributorId; may: Props["may"]; bar: ReactNode }) {
  const t = useT(messages);
  const w = useT(words);
  const view = useRead("distributor_get", { distributor }, { keep: true });
  const orders = usePages(
    "order_list",
    { scenario: "all", payment_states: [], distributor, query: "", conditions: [] },
    (row) => row.ordered_at,
  );
  const collections = usePages("collection_list", { under_review_only: false, distributor }, (row) => row.collection.recorded_at);
  const orderColumns = useOrderColumns().filter((column) => column.id !== "distributor");
  const collectionColumns = useCollectionColumns().filter((column) => column.id !== "distributor");
  if (view.error !== null) {
    return (
      <Page label={t.distributor} bar={bar}>
        <ErrorPanel title={errorText(view.error.why)} code={view.error.why.code} />
      </Page>
    );
  }
  const { data } = view;
  return (
    <Page
      label={t.distributor}
      bar={bar}
      aside={
        data === undefined ? (
          ""
        ) : (
          <>
            <div>
              <h1 data-testid="distributor-title">{data.distributor.name}</h1>
              {data.distributor.active ? null : <StateTag tone="bad">{t.inactive}</StateTag>}
            </div>
            <Facts
              facts={[
                { label: t.code, value: data.distributor.code === "" ? t.noCode : data.distributor.code },
                { label: t.phone, value: data.distributor.phone === "" ? "–" : data.distributor.phone },
                { label: t.region, value: data.distributor.region === "" ? "–" : data.distributor.region },
                { label: t.priceBook, value: data.price_book_name === "" ? t.listPrice : data.price_book_name },
                { label: t.credit, value: data.distributor.credit_limit_fen === null ? t.noLimit : formatMoney(data.distributor.credit_limit_fen) },
              ]}
            />
            <Facts
              layout="tiles"
              facts={[
                { label: t.owed, value: formatMoney(data.owed_fen) },
                { label: t.unapplied, value: formatMoney(data.unapplied_fen) },
                { label: t.deposit, value: formatMoney(data.deposit_fen) },
                { label: t.reserve, value: formatMoney(data.reserve_fen) },
              ]}
            />
            {data.as_of === null ? null : <Quiet>{w.asOf(formatShort(data.as_of))}</Quiet>}
            <Actions>
              <Button onClick={() => navigate("deposits", { distributor })}>{t.openDeposit}</Button>
              {may("intent_open") ? (
                <Button onClick={() => navigate("collection-entry", { distributor, purpose: "prepaid_deposit", method: "online" })} data-testid="distributor-topup">
                  {t.topUp}
                </Button>
              ) : null}
              {may("collection_record") ? (
                <Button chord={KEYS.collectFor.chord} onClick={() => runAction("collectFor")}>
                  {t.record}
                </Button>
              ) : null}
            </Actions>
          </>
        )
      }
    >
      <Stack>
        <Panel title={t.orders}>
          <DataGrid
            label={t.orders}
            rows={orders.rows}
            columns={orderColumns}
            rowKey={(row) => row.id}
            rowData={(row) => ({ "data-testid": "order-row", "data-number": row.number, "data-payment-state": row.payment_state })}
            onOpen={(row) => navigate("orders", { order: row.id })}
            onNearEnd={orders.more}
            autoFocus
            empty={orders.loading ? null : <EmptyState title={t.noOrders} />}
          />
        </Panel>
        <Panel title={t.collections}>
          <DataGrid
            label={t.collections}
            rows={collections.rows}
            columns={collectionColumns}
            rowKey={(row) => row.collection.id}
            rowData={collectionData}
            onOpen={(row) => navigate("collections", { collection: row.collection.id })}
            onNearEnd={collections.more}
            empty={collections.loading ? null : <EmptyState title={t.noCollections} />}
          />
        </Panel>
      </Stack>
    </Page>
  );
}

function NewDialog({ onClose }: { onClose: () => void }) {
  const t = useT(messages);
  const [name, setName] = useState("");
  const [phone, setPhone] = useState("");
  const [region, setRegion] = useState("");
  const [tried, setTried] = useState(false);
  const create = useAct("distributor_create");
  const first = useRef<HTMLInputElement>(null);
  const go = async (): Promise<void> => {
    setTried(true);
    if (name.trim() === "") return;
    const made = await create.run({ name: name.trim(), phone: phone.trim(), region: region.trim() });
    if (made === null) return;
    say("ok", t.saved(name.trim()));
    onClose();
    replaceRoute("distributors", { distributor: made });
  };
  return (
    <Dialog
      title={t.add}
      onClose={onClose}
      onConfirm={() => void go()}
      initialFocus={first}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button tone="primary" chord="Enter" busy={create.busy} onClick={() => void go()} data-testid="distributor-save">
            {t.save}
          </Button>
        </>
      }
    >
      <TextField
        layout="row"
        label={t.name}
        value={name}
        onChange={setName}
        required
        error={tried && name.trim() === "" ? t.nameNeeded : null}
        testId="distributor-new-name"
        inputRef={first}
      />
      <TextField layout="row" label={t.phone} type="tel" value={phone} onChange={setPhone} testId="distributor-new-phone" />
      <TextField layout="row" label={t.region} value={region} onChange={setRegion} testId="distributor-new-region" />
    </Dialog>
  );
}
