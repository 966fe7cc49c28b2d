/// The whole window when the core refuses everything: which file, what is safe, the way out. Nothing
/// else is offered, so that nobody "cleans up" what could have been saved.
import type { ErrorCode } from "../../api/client";
import { Button } from "../../components/Button";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { Door } from "./Door";
import styles from "./Door.module.css";
import { messages } from "./messages";

export function CannotWork({ why, onRetry }: { why: ErrorCode; onRetry: () => void }) {
  const t = useT(messages);
  const file = "params" in why && "file" in why.params ? why.params.file : null;
  const ways = why.code in t.ways ? t.ways[why.code as keyof typeof t.ways] : t.ways.other;
  return (
    <Door title={t.fatal} bad testId="cannot-work">
      <p>{errorText(why)}</p>
      {file === null ? null : (
        <code className={styles.code} aria-label={t.file}>
          {file}
        </code>
      )}
      <h2>{t.wayOut}</h2>
      <ol className={styles.steps}>
        {ways.map((way) => (
          <li key={way}>{way}</li>
        ))}
      </ol>
      <p className={styles.seller}>
        {t.fatalSafe} <code>{why.code}</code>
      </p>
      <div>
        <Button tone="primary" onClick={onRetry} data-testid="retry">
          {t.retry}
        </Button>
      </div>
    </Door>
  );
}
