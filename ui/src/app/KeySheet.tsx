/// F1: every key there is, from the same map that runs them. What works right now is in full ink.
import { Dialog } from "../components/Dialog";
import { KeyHint } from "../components/KeyHint";
import { useT } from "../i18n";
import { type Action, ACTIONS, KEYS, type Scope } from "./keys";
import styles from "./KeySheet.module.css";
import { messages } from "./messages";

const SCOPES: readonly Scope[] = ["everywhere", "entry", "list", "form", "pay"];

export function KeySheet({ active, onClose }: { active: readonly Action[]; onClose: () => void }) {
  const t = useT(messages);
  return (
    <Dialog title={t.allKeys} size="wide" onClose={onClose}>
      <div className={styles.sheet}>
        {SCOPES.map((scope) => (
          <section key={scope}>
            <h2>{t.scopes[scope]}</h2>
            <dl>
              {ACTIONS.filter((action) => KEYS[action].scope === scope).map((action) => (
                <div key={action} className={active.includes(action) ? styles.now : undefined}>
                  <dt>
                    <KeyHint chord={KEYS[action].chord} />
                  </dt>
                  <dd>{t.actions[action]}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
