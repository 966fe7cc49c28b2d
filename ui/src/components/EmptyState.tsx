/// Nothing here: says why, and what can be done about it.
import type { ReactNode } from "react";
import styles from "./EmptyState.module.css";

interface Props {
  title: string;
  detail?: string;
  action?: ReactNode;
}

export function EmptyState({ title, detail, action }: Props) {
  return (
    <div className={styles.empty}>
      <p className={styles.title}>{title}</p>
      {detail === undefined ? null : <p className={styles.detail}>{detail}</p>}
      {action}
    </div>
  );
}
