/// The one layout of all screens: a bar on top, the content, and sometimes an aside. No screen has a
/// grid of its own, so that a person finds the same thing in the same place everywhere.
import type { ReactNode } from "react";
import styles from "./Page.module.css";

interface PageProps {
  /** Titles, filters and actions. */
  bar?: ReactNode;
  aside?: ReactNode;
  /** Wider where the aside is a whole document. */
  asideWidth?: "normal" | "wide";
  label: string;
  children: ReactNode;
}

export function Page({ bar, aside, asideWidth = "normal", label, children }: PageProps) {
  return (
    <section className={styles.page} aria-label={label}>
      {bar === undefined ? null : <div className={styles.bar}>{bar}</div>}
      <div className={`${styles.body} ${aside === undefined ? "" : styles[asideWidth]}`}>
        <div className={styles.content}>{children}</div>
        {aside === undefined ? null : <aside className={styles.aside}>{aside}</aside>}
      </div>
    </section>
  );
}

/** Takes the room that the others in a bar leave, and wraps inside it. */
export function Wide({ children }: { children: ReactNode }) {
  return <div className={styles.wide}>{children}</div>;
}

/** Pushes what follows it in a bar to the end. */
export function Gap() {
  return <span className={styles.gap} />;
}

/** A list with its heading, one of several on a page. */
export function Panel({ title, count, children }: { title: string; count?: number; children: ReactNode }) {
  return (
    <section className={styles.panel}>
      <h2>
        {title}
        {count === undefined ? null : <span className={styles.count}>{count}</span>}
      </h2>
      <div className={styles.fill}>{children}</div>
    </section>
  );
}

/** Panels above each other, sharing the height. */
export function Stack({ children }: { children: ReactNode }) {
  return <div className={styles.stack}>{children}</div>;
}

/** A page of text and fields that scrolls by itself. */
export function Sheet({ children }: { children: ReactNode }) {
  return <div className={styles.sheet}>{children}</div>;
}

/** What stands above the content and stays. */
export function Head({ children }: { children: ReactNode }) {
  return <div className={styles.head}>{children}</div>;
}

/** A column of fields, top to bottom; the buttons last. */
export function Form({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div role="group" aria-label={label} className={styles.form}>
      {children}
    </div>
  );
}

export function Actions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>;
}

export interface Fact {
  label: string;
  value: ReactNode;
  /** Small, behind the value: a date, an addition. */
  note?: ReactNode;
  testId?: string;
  data?: Record<`data-${string}`, string>;
}

/** Names and values: beside each other in a bar, under each other in an aside, or large in a row. */
export function Facts({ facts, layout = "rows" }: { facts: readonly Fact[]; layout?: "bar" | "rows" | "tiles" }) {
  return (
    <dl className={styles[layout]}>
      {facts.map(({ label, value, note, testId, data }) => (
        <div key={label} data-testid={testId} {...data}>
          <dt>{label}</dt>
          <dd>
            {value}
            {note === undefined || note === null ? null : <small> {note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Secondary text. */
export function Quiet({ children }: { children: ReactNode }) {
  return <span className={styles.quiet}>{children}</span>;
}
