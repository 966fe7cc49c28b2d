/// A page as sales will see it: the page itself over the draft of the configuration, to look at and
/// not to touch. Whatever the draft doesn't decide is asked of the core.
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { type Answer, call, type Command, createQueryClient, type Input, type Output } from "../../api/client";
import type { ButtonsInput, Config, ConfigView, DraftView, Permission } from "../../api/generated";
import { Ask, useRead } from "../../api/hooks";
import { Still } from "../../app/keys";
import { Quiet } from "../../components/Page";
import { Segments } from "../../components/Segments";
import { useT } from "../../i18n";
import { CollectionEntry } from "../collections/CollectionEntry";
import { OrderEntry } from "../orders/OrderEntry";
import { OrdersScreen } from "../orders/OrdersScreen";
import styles from "./LayoutPreview.module.css";
import { messages } from "./messages";

const PAGES = ["order_create", "order_edit", "order_list", "collection_create"] as const;
type PreviewPage = (typeof PAGES)[number];

/** What sales may do on these pages. */
const MAY: readonly Permission[] = ["order_create", "intent_open", "deposit_spend", "collection_record"];
const may = (permission: Permission): boolean => MAY.includes(permission);

const EMPTY: DraftView = {
  order: "preview",
  number: "",
  content: { distributor: null, distributor_name: "", lines: [], discount: { kind: "none" }, payment_method: null, remark: "", edits: null },
  totals: { lines_fen: "0", discount_fen: "0", total_fen: "0", shares_fen: [] },
  capital: "",
  notices: [],
  saved_at: 0,
};

/** The buttons that the draft puts there; their conditions are the core's to judge, for real orders. */
function buttons({ config, object, placement, orders }: ButtonsInput & { config: Config }): Output<"buttons"> {
  const on = object === "sales_order" ? config.online_payment_enabled : config.collection_online_payment_enabled;
  const inList = placement === "list_row" || placement === "list_bulk";
  const listed = !inList || config.layouts.order_list.show_online_payment_button;
  const here = config.buttons.filter((one) => on && listed && one.object === object && one.placements.includes(placement) && one.roles.includes("sales"));
  const names = here.map(({ name }) => name);
  return { buttons: here.map(({ name, label_zh, label_en }) => ({ name, label_zh, label_en })), orders: orders.map((order) => ({ order, buttons: names })) };
}

/** Answers as if the draft were in force. */
function asIf(view: ConfigView, config: Config, page: PreviewPage): typeof call {
  const told: { [C in Command]?: (input: Input<C>) => Output<C> } = {
    config: () => ({ ...view, current: { ...view.current, config } }),
    buttons: (input) => buttons({ ...input, config }),
    draft_open: () => ({ ...EMPTY, content: { ...EMPTY.content, edits: page === "order_edit" ? { revision: 1 } : null } }),
  };
  return async <C extends Command>(cmd: C, input: Input<C>): Promise<Answer<Output<C>>> => {
    const tell = told[cmd] as ((input: Input<C>) => Output<C>) | undefined;
    return tell === undefined ? call(cmd, input) : { value: tell(input), changed: [] };
  };
}

export function LayoutPreview({ view, draft }: { view: ConfigView; draft: Config }) {
  const t = useT(messages);
  const [page, setPage] = useState<PreviewPage>("order_create");
  const session = useRead("session_state", {}).data;
  const { ask, client } = useMemo(() => ({ ask: asIf(view, draft, page), client: createQueryClient() }), [view, draft, page]);
  if (session === undefined) return null;
  const online = draft.online_payment_enabled;
  const entry = (): ReactNode => <OrderEntry fresh="preview" session={{ ...session, permissions: [...MAY], online_payment: online }} />;
  const shown: Record<PreviewPage, () => ReactNode> = {
    order_create: entry,
    order_edit: entry,
    order_list: () => <OrdersScreen may={may} online={online} />,
    collection_create: () => <CollectionEntry />,
  };
  return (
    <>
      <h2>{t.preview}</h2>
      <Quiet>{t.previewNote}</Quiet>
      <Segments label={t.preview} testId="preview" value={page} onChange={setPage} segments={PAGES.map((value) => ({ value, label: t.pages[value] }))} />
      <div className={styles.frame} data-testid="layout-preview" data-page={page}>
        {/* Inert: no focus, no click, nothing for a screen reader to get lost in. */}
        <div inert className={styles.page}>
          <Still value>
            <Ask value={ask}>
              {/* Another draft is another preview: what it was asked before doesn't count. */}
              <QueryClientProvider client={client} key={`${page} ${JSON.stringify(draft)}`}>
                {shown[page]()}
              </QueryClientProvider>
            </Ask>
          </Still>
        </div>
      </div>
    </>
  );
}
