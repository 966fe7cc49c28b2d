/// What stands before the shell: one quiet card under the name.
import type { ReactNode } from "react";
import styles from "./Door.module.css";

export function Door({ title, bad = false, testId, children }: { title: string; bad?: boolean; testId: string; children: ReactNode }) {
  return (
    <main className={styles.door} data-testid={testId}>
      <span className={styles.brand}>
        Field<i>till</i>
      </span>
      <section className={`${styles.card} ${bad ? styles.bad : ""}`} role={bad ? "alert" : undefined}>
        <h1>
          {bad ? <span aria-hidden>△ </span> : null}
          {title}
        </h1>
        {children}
      </section>
    </main>
  );
}
