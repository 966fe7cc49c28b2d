/// The pay sheet: how much, which check code, which QR, and in words how it stands. It turns green by
/// itself, and only by the backend's word; it never goes away by itself.
import { useEffect, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import { newOrder, replaceRoute } from "../../app/router";
import { useScan } from "../../app/scanner";
import { call } from "../../api/client";
import type { Channel, IntentId, PayView, Permission } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Facts } from "../../components/Page";
import { QrCode } from "../../components/QrCode";
import { Segments } from "../../components/Segments";
import { type Step, Steps } from "../../components/Steps";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatCountdown } from "../../i18n/time";
import { words } from "../../i18n/words";
import { formatMoney, isZeroMoney, takeMoney } from "../../money";
import { codeShown, NoCode, type Shown, useChannelCode } from "./ChannelCode";
import { messages } from "./messages";
import { Paid } from "./Paid";
import styles from "./PayScreen.module.css";
import { Proof } from "./Proof";
import { SendLink } from "./SendLink";
import { hidden, type PaySituation, scannable, situation } from "./state";
import { useLeft } from "./useLeft";

interface Props {
  intent: IntentId;
  /** `link`: the payer gets the link; the QR is a press away. */
  how?: string;
  may: (permission: Permission) => boolean;
}

export function PayScreen({ intent, how, may }: Props) {
  const view = useRead("pay_view", { intent }, { keep: true });
  if (view.error !== null) return <ErrorPanel title={errorText(view.error.why)} code={view.error.why.code} />;
  if (view.data === undefined) return null;
  return <Sheet view={view.data} since={view.dataUpdatedAt} ask={() => void view.refetch()} may={may} how={how} />;
}

/** Pixels a side that the staff sheet has for the QR; full screen gives more (rule 6.3). */
const STAFF_BOX = 372;
const STAFF_LEAST = 5;
const FULL_LEAST = 8;
const FULL_TEXT = 150;
/** Time to warn before the end (WCAG 2.2.1). */
const SOON_MS = 30_000;

interface SheetProps {
  view: PayView;
  since: number;
  ask: () => void;
  may: Props["may"];
  how: Props["how"];
}

function Sheet({ view, since, ask, may, how }: SheetProps) {
  const t = useT(messages);
  const w = useT(words);
  const { intent } = view.intent;
  const left = useLeft(view.left_ms, since);
  const now = situation(view, left);
  const [byLink, setByLink] = useState(how === "link");
  const [over, setOver] = useState<"full" | "giveUp" | "cash" | null>(null);
  const close = useAct("pay_close");
  const ordersAgain = useAct("pay_orders");
  const topUpAgain = useAct("pay_top_up");
  const collectionAgain = useAct("pay_collection");
  const proof = useAct("pay_proof", { quiet: true });
  const openPhone = useAct("open_phone");
  const opens = may("intent_open");
  const [wanted, setWanted] = useState<Channel | null>(view.qr_mode === "channel_code" ? (view.code_channels[0] ?? null) : null);
  const choosable = opens && scannable(now) && view.code_channels.length > 0;
  const channel = choosable && !byLink && wanted !== null && view.code_channels.includes(wanted) ? wanted : null;
  const own = useChannelCode(intent.id, channel);
  const link: Shown = { svg: view.qr_svg, modules: view.qr_modules };
  const shown = own === null ? link : codeShown(own);
  const onShow = shown !== null;

  const timeOver = left <= 0 && now.live;
  useEffect(() => {
    if (timeOver) ask();
    // Once, when the time is over.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [timeOver]);

  // The customer window follows this sheet while a payer may scan, and is blank between payers.
  useEffect(() => {
    if (!opens || !now.live || byLink || !onShow) return;
    call("display_show", { intent: intent.id, channel }).catch(() => undefined);
  }, [opens, now.live, byLink, intent.id, channel, onShow]);
  useEffect(() => () => void call("display_clear", {}).catch(() => undefined), []);

  const check = async (text: string): Promise<void> => {
    if ((await proof.run({ intent: intent.id, proof: text.trim() })) !== null) say("ok", t.proofDone);
  };
  useScan({ scanned: (code) => void (now.live && opens && check(code)), partial: () => undefined });

  const again = async (): Promise<void> => {
    const { purpose, distributor, amount_fen, allocations } = intent;
    // What leaves a rest was asked for by a collection: its parts are a person's choice and stay.
    const rest = takeMoney(amount_fen, ...allocations.map((part) => part.amount_fen));
    const next =
      purpose === "prepaid_deposit"
        ? await topUpAgain.run({ distributor, amount_fen })
        : isZeroMoney(rest)
          ? await ordersAgain.run({ orders: allocations.map(({ order }) => order), amount_fen: null })
          : await collectionAgain.run({ distributor, purpose, amount_fen, allocations });
    if (next !== null) replaceRoute("pay", { intent: next.intent.intent.id, ...(byLink ? { how: "link" } : {}) });
  };
  const giveUp = async (cash: boolean): Promise<void> => {
    const done = await close.run({ intent: intent.id });
    setOver(null);
    if (done === null || !cash) return;
    const [first] = intent.allocations;
    replaceRoute("collection-entry", {
      distributor: intent.distributor,
      ...(first === undefined ? { purpose: intent.purpose } : { order: first.order }),
    });
  };
  const onward = (): void => {
    if (intent.purpose === "prepaid_deposit") replaceRoute("deposits", { distributor: intent.distributor });
    else newOrder();
  };

  useKeys({
    fullScreen: scannable(now) && shown !== null && (() => setOver("full")),
    reissue: opens && !now.live && !now.paid && !ordersAgain.busy && (() => void again()),
    giveUp: opens && now.live && now.key !== "unknown" && now.key !== "closing" && (() => setOver("giveUp")),
    // While the outcome is unknown the money may be there already: no second collection.
    switchToOffline: opens && may("collection_record") && now.live && now.key !== "unknown" && (() => setOver("cash")),
    next: !now.live && onward,
  });

  const state = { "data-testid": "pay-state", "data-state": intent.state, "data-outcome": intent.outcome ?? "", "data-says": now.key };
  if (now.paid) {
    return <Paid view={view} says={t.says[now.key]} exact={now.tone === "ok"} state={state} onNext={onward} />;
  }

  const title = [
    intent.purpose === "prepaid_deposit" ? t.topUp : t.sheet,
    ...view.order_numbers.slice(0, 3),
    view.distributor_name,
  ].join(" · ");
  const why = hidden(now);
  const live = now.live && over !== "full";
  return (
    <section className={styles.sheet} aria-label={t.sheet}>
      <header className={styles.head}>
        <h1>{title}</h1>
        {now.live ? (
          <span className={`${styles.clock} ${left < SOON_MS ? styles.soon : ""}`} role={left < SOON_MS ? "status" : "timer"}>
            {left > 0 ? t.left : t.timeOver}{" "}
            <b data-testid="pay-countdown" data-left-ms={Math.round(left)}>
              {formatCountdown(left / 1_000)}
            </b>
          </span>
        ) : null}
      </header>
      <Steps label={t.steps} steps={stepsOf(view, now, t)} />
      <div className={styles.body}>
        {scannable(now) && byLink ? (
          <SendLink view={view} opens={opens} onQr={() => setByLink(false)} />
        ) : scannable(now) ? (
          <div className={styles.choice}>
            {choosable ? (
              <Segments
                label={t.qrMode}
                testId="pay-mode"
                value={channel ?? "one"}
                onChange={(mode) => setWanted(mode === "one" ? null : mode)}
                segments={[{ value: "one", label: t.oneQr }, ...view.code_channels.map((value) => ({ value, label: w.channels[value] }))]}
              />
            ) : null}
            {shown !== null ? (
              <div className={styles.code}>
                <QrCode
                  svg={shown.svg}
                  modules={shown.modules}
                  perModule={Math.max(STAFF_LEAST, Math.floor(STAFF_BOX / shown.modules))}
                  label={t.qr}
                  {...(live ? { testId: "pay-qr" } : {})}
                />
              </div>
            ) : own !== null ? (
              <NoCode code={own} />
            ) : null}
          </div>
        ) : (
          <div className={styles.ended}>{why === null ? w.intentStates[intent.state] : t.hidden[why]}</div>
        )}
        <div className={styles.facts}>
          <div>
            <p className={styles.amount} data-testid="pay-amount" data-fen={intent.amount_fen}>
              {formatMoney(intent.amount_fen)}
            </p>
            <p className={styles.capital}>{view.capital}</p>
          </div>
          {channel === null ? (
            <p className={styles.check}>
              {t.checkCode}
              <b data-testid="pay-check-code">{intent.check_code}</b>
              {t.checkCodeHint}
            </p>
          ) : null}
          <div {...state} className={`${styles.state} ${styles[now.tone]}`} role="status">
            <p>
              <b>{channel !== null && now.key === "paying" ? t.codeWaiting(w.channels[channel]) : t.says[now.key]}</b>
            </p>
            {now.key === "waiting_offline" ? <p>{t.offlineHelp}</p> : null}
            {view.intent.attention === null ? null : <p>{t.differs(errorText(view.intent.attention))}</p>}
          </div>
          <Facts
            facts={[
              { label: t.purpose, value: w.purposes[intent.purpose] },
              { label: t.method, value: channel === null ? t.wallets : t.walletsOf(w.channels[channel]) },
              { label: t.link, value: view.offline_link ? t.linkSigned : t.linkShort, testId: "pay-link", data: { "data-offline": String(view.offline_link) } },
              { label: t.tickets, value: t.ticketsLeft(view.tickets_left), testId: "pay-tickets", data: { "data-left": String(view.tickets_left) } },
            ]}
          />
          {now.live && !view.online && !intent.proved_offline && opens ? (
            <Proof busy={proof.busy} refused={proof.refused} onCheck={(text) => void check(text)} />
          ) : null}
        </div>
      </div>
      <footer className={styles.actions}>
        {!now.live && opens ? (
          <Button tone="primary" chord={KEYS.reissue.chord} busy={ordersAgain.busy || topUpAgain.busy} onClick={() => runAction("reissue")} data-testid="pay-reissue">
            {t.reissue}
          </Button>
        ) : null}
        {scannable(now) ? (
          <>
            <Button chord={KEYS.fullScreen.chord} disabled={shown === null} onClick={() => runAction("fullScreen")} data-testid="pay-full">
              {t.fullScreen}
            </Button>
            {byLink ? null : (
              <Button onClick={() => setByLink(true)} data-testid="pay-by-link">
                {t.sendLink}
              </Button>
            )}
          </>
        ) : null}
        {now.live && view.phone_link !== null ? (
          <Button busy={openPhone.busy} onClick={() => void openPhone.run({ intent: intent.id, channel })} data-testid="pay-open-phone">
            {t.openPhone}
          </Button>
        ) : null}
        {now.live && opens && now.key !== "unknown" ? (
          <>
            <Button chord={KEYS.switchToOffline.chord} onClick={() => runAction("switchToOffline")}>
              {t.takeCash}
            </Button>
            <Button tone="bad" chord={KEYS.giveUp.chord} disabled={now.key === "closing"} onClick={() => runAction("giveUp")} data-testid="pay-close">
              {t.giveUp}
            </Button>
          </>
        ) : null}
        {now.live ? null : (
          <Button chord={KEYS.next.chord} onClick={onward} data-testid="pay-next">
            {t.next}
          </Button>
        )}
        {now.live && opens && !byLink ? <span className={styles.note}>{t.customerWindow}</span> : null}
      </footer>
      {over === "full" && scannable(now) && shown !== null ? <FullScreen view={view} shown={shown} coded={channel !== null} onClose={() => setOver(null)} /> : null}
      {over === "giveUp" || over === "cash" ? (
        <Dialog
          title={over === "cash" ? t.takeCash : t.giveUp}
          onClose={() => setOver(null)}
          onConfirm={() => void giveUp(over === "cash")}
          actions={
            <>
              <Button chord="Escape" onClick={() => setOver(null)}>
                {t.keepWaiting}
              </Button>
              <Button tone="bad" chord="Enter" busy={close.busy} onClick={() => void giveUp(over === "cash")} data-testid="pay-close-go">
                {over === "cash" ? t.takeCash : t.giveUp}
              </Button>
            </>
          }
        >
          <p>{t.giveUpAsk}</p>
        </Dialog>
      ) : null}
    </section>
  );
}

function FullScreen({ view, shown, coded, onClose }: { view: PayView; shown: Shown; coded: boolean; onClose: () => void }) {
  const t = useT(messages);
  const { intent } = view.intent;
  return (
    <Dialog title={t.fullTitle(formatMoney(intent.amount_fen))} size="screen" onClose={onClose}>
      <FullKeys onClose={onClose} />
      <div className={styles.full}>
        <div className={styles.code}>
          <QrCode
            svg={shown.svg}
            modules={shown.modules}
            perModule={Math.max(FULL_LEAST, Math.floor((window.innerHeight - FULL_TEXT) / shown.modules))}
            label={t.qr}
            testId="pay-qr"
          />
        </div>
        <p className={styles.check}>
          {coded ? null : (
            <>
              {t.checkCode}
              <b>{intent.check_code}</b>
            </>
          )}
          {t.enlarged}
        </p>
      </div>
    </Dialog>
  );
}

/** After the dialog's own layer, so that the key that opened it also closes it. */
function FullKeys({ onClose }: { onClose: () => void }) {
  useKeys({ fullScreen: onClose }, "modal");
  return null;
}

function stepsOf(view: PayView, now: PaySituation, t: (typeof messages)["zh-CN"]): Step[] {
  const { proved_offline } = view.intent.intent;
  const offline = !view.online;
  const ended = !now.live && !now.paid;
  return [
    { label: t.stepSaved, state: "done" },
    { label: t.stepShown, state: "done" },
    {
      label: proved_offline ? t.stepPaid : offline ? t.stepPayOffline : t.stepPay,
      state: ended || now.key === "unknown" ? "bad" : proved_offline ? "done" : "now",
    },
    ...(offline || proved_offline ? [{ label: t.stepProof, state: proved_offline ? "done" : "todo" } as const] : []),
    { label: t.stepBackend, state: proved_offline ? "now" : "todo" },
  ];
}
