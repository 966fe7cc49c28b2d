/// The frame around every screen: who and where one is, whether the terminal is connected, where
/// one can go, and which keys work now. It draws what it is told; what it is told comes from the core.
import type { ReactNode } from "react";
import type { SyncView } from "../api/generated";
import { chordText, KeyHint } from "../components/KeyHint";
import { useT } from "../i18n";
import { formatTime } from "../i18n/time";
import { KEYS, runAction, useActiveActions } from "./keys";
import { messages } from "./messages";
import { navigate, type ScreenName, useRoute } from "./router";
import { changeSettings, useSettings } from "./settings";
import { StateTag } from "../components/StateTag";
import styles from "./Shell.module.css";

interface Props {
  /** Null while the core has not answered yet. */
  sync: SyncView | null;
  staff: string;
  terminal: string;
  /** No offline QR, no deposit (rule 9.1). */
  leaseEnded: boolean;
  /** Screens this staff member may see, in order; null separates groups. */
  screens: readonly (ScreenName | null)[];
  badges?: Partial<Record<ScreenName, { count: number; bad?: boolean }>>;
  children: ReactNode;
}

export function Shell({ sync, staff, terminal, leaseEnded, screens, badges = {}, children }: Props) {
  const t = useT(messages);
  return (
    <div className={styles.shell}>
      <a href="#content" className={styles.skip}>
        {t.skip}
      </a>
      <header className={styles.header}>
        <span className={styles.brand}>
          Field<i>till</i>
        </span>
        <button type="button" className={styles.search} aria-keyshortcuts="Control+K" onClick={() => runAction("search")}>
          {t.searchHere} <KeyHint chord={KEYS.search.chord} />
        </button>
        <span className={styles.grow} />
        {leaseEnded ? <StateTag tone="bad">{t.leaseEnded}</StateTag> : null}
        {sync === null ? null : <ConnectivityChip {...sync} />}
        <span className={styles.who}>
          {staff} · {terminal}
        </span>
        <Preferences />
      </header>
      <Navigation screens={screens} badges={badges} />
      <main id="content" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      <KeyBar />
    </div>
  );
}

function ConnectivityChip({ connectivity, since, pending, attention }: SyncView) {
  const t = useT(messages);
  const says = {
    online: t.online,
    offline: t.offline(formatTime(since)),
    work_offline: t.workOffline,
    enrol_again: t.enrolAgain,
  }[connectivity];
  const counts = [pending > 0 && t.pending(pending), attention > 0 && t.attention(attention)].filter(Boolean);
  const rest = counts.length > 0 ? counts.join(" · ") : connectivity === "online" ? t.allSynced : null;
  const bad = connectivity === "enrol_again" || attention > 0;
  const tone = bad ? styles.bad : connectivity === "online" ? styles.ok : styles.warn;
  return (
    <button
      type="button"
      className={`${styles.chip} ${tone}`}
      data-testid="chip"
      data-connectivity={connectivity}
      data-pending={pending}
      data-attention={attention}
      title={`${t.openSync} (${chordText(KEYS.sync.chord)})`}
      onClick={() => navigate("sync", {})}
    >
      <span role="status">{[says, rest].filter(Boolean).join(" · ")}</span>
    </button>
  );
}

function Preferences() {
  const t = useT(messages);
  const { theme, lang } = useSettings();
  const other = theme === "light" ? "dark" : "light";
  return (
    <span className={styles.preferences}>
      <button type="button" onClick={() => changeSettings({ theme: other })}>
        {other === "dark" ? t.darkTheme : t.lightTheme}
      </button>
      <button type="button" onClick={() => changeSettings({ lang: lang === "en" ? "zh-CN" : "en" })}>
        {t.otherLanguage}
      </button>
      <button type="button" data-testid="lock" aria-keyshortcuts="Control+L" onClick={() => runAction("lock")}>
        {t.lockNow}
      </button>
    </span>
  );
}

/** Screens that belong to another one's entry in the navigation. */
const UNDER: Partial<Record<ScreenName, ScreenName>> = { "collection-entry": "collections", pay: "orders" };

function Navigation({ screens, badges }: { screens: Props["screens"]; badges: NonNullable<Props["badges"]> }) {
  const t = useT(messages);
  const here = useRoute().screen;
  return (
    <nav className={styles.nav} aria-label={t.navigation}>
      {screens.map((screen, at) => {
        if (screen === null) return <span key={`group-${screens[at + 1]}`} className={styles.separator} />;
        const badge = badges[screen];
        const on = screen === here || screen === UNDER[here];
        return (
          <button
            key={screen}
            type="button"
            data-testid={`nav-${screen}`}
            className={on ? styles.on : undefined}
            aria-current={on ? "page" : undefined}
            onClick={() => navigate(screen, {})}
          >
            {t.screens[screen]}
            {screen === "order-entry" ? <KeyHint chord={KEYS.newOrder.chord} /> : null}
            {badge !== undefined && badge.count > 0 ? (
              <b className={badge.bad ? styles.badBadge : undefined}>{badge.count}</b>
            ) : null}
          </button>
        );
      })}
    </nav>
  );
}

/** In the bar already by other means, or known to everybody. */
const NOT_IN_BAR = new Set(["help", "newOrder", "search", "sync", "back", "lock", "redo"]);

function KeyBar() {
  const t = useT(messages);
  const actions = useActiveActions().filter((action) => !NOT_IN_BAR.has(action));
  return (
    <footer className={styles.keys} aria-label={t.keyBar}>
      {actions.map((action) => (
        <button key={action} type="button" tabIndex={-1} onClick={() => runAction(action)}>
          <KeyHint chord={KEYS[action].chord} />
          {t.actions[action]}
        </button>
      ))}
      <button type="button" tabIndex={-1} className={styles.last} onClick={() => runAction("help")}>
        <KeyHint chord={KEYS.help.chord} />
        {t.allKeys}
      </button>
    </footer>
  );
}
