/// The administrator's console: one draft of the configuration, changed section by section, saved as
/// a whole. Of two administrators who save the same version the second sees both and chooses.
import { useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import { call } from "../../api/client";
import type { Config, LiveAsk } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Actions, Head, Page, Panel, Quiet, Sheet, Stack, Wide } from "../../components/Page";
import { Segments } from "../../components/Segments";
import { StateTag } from "../../components/StateTag";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime } from "../../i18n/time";
import { Departments, Policies } from "./Departments";
import { Distributors } from "./Distributors";
import { History } from "./History";
import { LiveAsks } from "./LiveAsks";
import { messages } from "./messages";
import { Compare } from "./parts";
import { MiniProgram } from "./MiniProgram";
import { PriceBooks } from "./PriceBooks";
import { Products } from "./Products";
import { Buttons, Documents, Layouts, type Section, Setup } from "./sections";
import { Staff } from "./Staff";
import { Terminals } from "./Terminals";
import { Wallet } from "./Wallet";

const SECTIONS = ["setup", "wallet", "mini_program", "documents", "layouts", "buttons", "products", "price_books", "distributors", "staff", "departments", "terminals", "policies", "history"] as const satisfies readonly Section[];

export function ConsoleScreen({ section: begin }: { section?: string }) {
  const t = useT(messages);
  const read = useRead("config", {});
  const [section, setSection] = useState<Section>(SECTIONS.find((one) => one === begin) ?? "setup");
  // What is being changed, and the version it was looked at on.
  const [edited, setEdited] = useState<{ on: number; config: Config } | null>(null);
  const save = useAct("config_change");
  const keep = useAct("config_keep");
  const view = read.data;

  const held = view?.current;
  const own = view?.own ?? null;
  const waiting = own !== null && own.refused === null;
  // Another version came while this one was being changed, here or at the backend.
  const meanwhile = edited !== null && held !== undefined && edited.on !== held.version;
  const refused = own === null ? null : own.refused;
  const mine = own !== null && refused !== null ? own.config : meanwhile ? edited.config : null;
  const dirty = edited !== null && !meanwhile;

  const [asks, setAsks] = useState<{ live: readonly LiveAsk[]; config: Config; on: number } | null>(null);
  /** Before online payment goes off the administrator sees what is being asked for. */
  const ask = async (config: Config, on: number): Promise<void> => {
    if (held !== undefined && held.config.online_payment_enabled && !config.online_payment_enabled) {
      const { value } = await call("pay_asks", {});
      if (value.length > 0) {
        setAsks({ live: value, config, on });
        return;
      }
    }
    await put(config, on);
  };
  const put = async (config: Config, on: number): Promise<void> => {
    setAsks(null);
    const answer = await save.run({ on, config });
    if (answer === null) return;
    setEdited(null);
    if (answer.own === null) say("ok", t.saved(answer.current.version));
  };
  useKeys({
    save: dirty && !save.busy && !waiting && mine === null && (() => void ask(edited.config, edited.on)),
  });

  if (read.error !== null) return <ErrorPanel title={errorText(read.error.why)} code={read.error.why.code} />;
  if (view === undefined || held === undefined) return null;
  const draft = dirty ? edited.config : held.config;
  const props = { view, draft, change: (config: Config) => setEdited({ on: held.version, config }) };

  return (
    <Page
      label={t.title}
      bar={
        <>
          <Wide>
            <Segments
              label={t.sections}
              testId="console"
              value={section}
              onChange={setSection}
              segments={SECTIONS.map((value) => ({ value, label: t.section[value] }))}
            />
          </Wide>
          {dirty ? (
            <Button onClick={() => setEdited(null)} data-testid="config-discard">
              {t.discard}
            </Button>
          ) : null}
          <Button tone="primary" chord={KEYS.save.chord} busy={save.busy} disabled={!dirty || save.busy || waiting || mine !== null} onClick={() => runAction("save")} data-testid="config-save">
            {t.save}
          </Button>
        </>
      }
    >
      <Stack>
        <Head>
          <h1 data-testid="menu-path">{t.path[section]}</h1>
          <span data-testid="config-date" data-version={String(held.version)}>
            <Quiet>
              {held.version === 0 ? t.neverDecided : t.dated(formatDateTime(held.at), held.version)}
              {view.author_name === "" ? "" : ` · ${view.author_name}`}
              {view.heard_at === null ? "" : ` · ${t.heard(formatDateTime(view.heard_at))}`}
            </Quiet>
          </span>
          {waiting ? <StateTag tone="warn">{t.waits}</StateTag> : null}
        </Head>
        {mine === null ? (
          <SectionBody section={section} {...props} go={setSection} busy={save.busy || waiting} onRestore={(config) => void ask(config, held.version)} />
        ) : (
          <Panel title={refused !== null && refused.code !== "conflict" ? t.refusedBecause(errorText(refused)) : t.changedMeanwhile(held.version, view.author_name)}>
            <Actions>
              <Button busy={save.busy} onClick={() => void ask(mine, held.version)} data-testid="take-mine">
                {t.takeMine}
              </Button>
              <Button
                busy={keep.busy}
                onClick={() => {
                  setEdited(null);
                  if (refused !== null) void keep.run({});
                }}
                data-testid="keep-theirs"
              >
                {t.keepTheirs}
              </Button>
            </Actions>
            <Compare before={held.config} after={mine} heads={{ before: t.compare.theirs, after: t.compare.mine }} />
          </Panel>
        )}
        {asks === null ? null : (
          <LiveAsks asks={asks.live} busy={save.busy} onSave={() => void put(asks.config, asks.on)} onClose={() => setAsks(null)} />
        )}
      </Stack>
    </Page>
  );
}

interface BodyProps extends React.ComponentProps<typeof Documents> {
  section: Section;
  go: (section: Section) => void;
  busy: boolean;
  onRestore: (config: Config) => void;
}

function SectionBody({ section, go, busy, onRestore, ...props }: BodyProps) {
  if (section === "history") {
    return <History current={props.view.current} busy={busy} onRestore={(entry) => onRestore(entry.version.config)} />;
  }
  if (section === "staff") return <Staff config={props.view.current.config} />;
  if (section === "products") return <Products />;
  if (section === "price_books") return <PriceBooks />;
  if (section === "distributors") return <Distributors />;
  if (section === "terminals") return <Terminals />;
  const body = {
    setup: () => <Setup view={props.view} go={go} />,
    wallet: () => <Wallet {...props} />,
    mini_program: () => <MiniProgram />,
    documents: () => <Documents {...props} />,
    layouts: () => <Layouts {...props} />,
    buttons: () => <Buttons {...props} />,
    departments: () => <Departments {...props} />,
    policies: () => <Policies {...props} />,
  }[section];
  return <Sheet>{body()}</Sheet>;
}
