/// The payment page for a payer who is not in front of the screen: its link copied alone or in a message
/// to send, or opened in this computer's browser.
import { useAct } from "../../app/act";
import type { PayView } from "../../api/generated";
import { Button } from "../../components/Button";
import { Actions } from "../../components/Page";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { formatDateTime } from "../../i18n/time";
import { formatMoney } from "../../money";
import { messages } from "./messages";
import styles from "./PayScreen.module.css";

interface Props {
  view: PayView;
  /** The person may open asks. */
  opens: boolean;
  onQr: () => void;
}

export function SendLink({ view, opens, onQr }: Props) {
  const t = useT(messages);
  const open = useAct("open_link");
  const { intent } = view.intent;
  const copy = (text: string, done: string): void => {
    const writing = (navigator.clipboard as Clipboard | undefined)?.writeText(text) ?? Promise.reject(new Error("none"));
    writing.then(
      () => say("ok", done),
      () => say("bad", t.linkNotCopied),
    );
  };
  const message = t.shareText({
    what: view.order_numbers.join("、") || t.topUp,
    amount: formatMoney(intent.amount_fen),
    code: intent.check_code,
    until: formatDateTime(intent.expires_at),
    link: view.link,
  });
  return (
    <div className={styles.send} data-testid="pay-send">
      <h2>{t.sendLink}</h2>
      <p className={styles.message} data-testid="pay-message">
        {message}
      </p>
      <Actions>
        <Button tone="primary" onClick={() => copy(message, t.messageCopied)} data-testid="pay-copy-message">
          {t.copyMessage}
        </Button>
        <Button onClick={() => copy(view.link, t.linkCopied)} data-testid="pay-copy-link">
          {t.copyLink}
        </Button>
        {opens ? (
          <Button busy={open.busy} onClick={() => void open.run({ intent: intent.id })} data-testid="pay-open-link">
            {t.openLink}
          </Button>
        ) : null}
        <Button tone="quiet" onClick={onQr} data-testid="pay-by-qr">
          {t.byQr}
        </Button>
      </Actions>
      {view.offline_link ? <p>{t.linkOffline}</p> : null}
    </div>
  );
}
