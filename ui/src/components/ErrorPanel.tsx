/// What failed, in a sentence, with the code small beside it for whoever is asked for help.
import type { ReactNode } from "react";
import styles from "./EmptyState.module.css";

interface Props {
  title: string;
  detail?: string;
  code?: string;
  action?: ReactNode;
}

export function ErrorPanel({ title, detail, code, action }: Props) {
  return (
    <div className={`${styles.empty} ${styles.error}`} role="alert">
      <p className={styles.title}>
        <span aria-hidden>△ </span>
        {title}
      </p>
      {detail === undefined ? null : <p className={styles.detail}>{detail}</p>}
      {code === undefined ? null : <code className={styles.code}>{code}</code>}
      {action}
    </div>
  );
}
