/// What the payer sees: the seller's name, then who is asked for how much with the QR, then that it
/// is paid. Blank between payers, so that nobody reads the one before.
import { useEffect, useState } from "react";
import type { DisplayState } from "../api/generated";
import { QrCode } from "../components/QrCode";
import { formatMoney } from "../money";
import { platform } from "../platform";
import styles from "./CustomerScreen.module.css";
import { messages } from "./messages";

export function CustomerScreen() {
  const [state, setState] = useState<DisplayState | null>(null);
  useEffect(() => platform.watchDisplay((next) => setState(next as DisplayState)), []);
  return (
    <main className={styles.screen} aria-live="polite" data-show={state?.show ?? "nothing"}>
      {state === null ? null : <Shown state={state} />}
    </main>
  );
}

/** Room for the QR on a window this high, beside the texts. */
const TEXT_HEIGHT = 230;
const LEAST_PER_MODULE = 8;

function Shown({ state }: { state: DisplayState }) {
  if (state.show === "idle") return <p className={styles.seller}>{state.seller}</p>;
  if (state.show === "paid") {
    return (
      <>
        <p className={styles.tick}>
          <span aria-hidden>✓</span> {messages.paid.zh} <small>{messages.paid.en}</small>
        </p>
        <p className={styles.amount}>{formatMoney(state.amount_fen)}</p>
        <p className={styles.hint}>
          {messages.thanks.zh} · {messages.thanks.en}
        </p>
      </>
    );
  }
  const perModule = Math.max(LEAST_PER_MODULE, Math.floor((window.innerHeight - TEXT_HEIGHT) / state.qr_modules));
  const purpose = messages.purpose[state.purpose];
  const scan = state.channel === null ? messages.scan : messages.scanWith[state.channel];
  return (
    <>
      <p className={styles.who}>
        {state.distributor_name}{" "}
        <small>
          {purpose.zh} {purpose.en}
        </small>
      </p>
      <p className={styles.amount}>{formatMoney(state.amount_fen)}</p>
      <QrCode svg={state.qr_svg} modules={state.qr_modules} perModule={perModule} label={scan.zh} />
      <p className={styles.hint}>
        {scan.zh} <small>{scan.en}</small>
      </p>
      {state.channel === null ? (
        <>
          <p className={styles.check}>
            {messages.checkCode.zh} <small>{messages.checkCode.en}</small> <b>{state.check_code}</b>
          </p>
          <p className={styles.small}>
            {messages.compare.zh} · {messages.compare.en}
          </p>
        </>
      ) : null}
    </>
  );
}
