/// A question over the screen. While it is open the screen's keys are off. Enter anywhere in it,
/// except in a text area or on a button, means the main action, if there is one.
import { Dialog as Base } from "@base-ui/react/dialog";
import { type ReactNode, type RefObject, useRef } from "react";
import { onKey, useKeys } from "../app/keys";
import styles from "./Dialog.module.css";

interface Props {
  title: string;
  onClose: () => void;
  /** What Enter does. */
  onConfirm?: () => void;
  /** Buttons, the main one last. */
  actions?: ReactNode;
  size?: "normal" | "wide" | "sheet" | "screen";
  initialFocus?: RefObject<HTMLElement | null>;
  children: ReactNode;
}

export function Dialog({ title, onClose, onConfirm, actions, size = "normal", initialFocus, children }: Props) {
  useKeys({}, "modal");
  const popup = useRef<HTMLDivElement>(null);
  // A question without fields begins on its main button: Enter must never mean "back".
  const first = (): HTMLElement | true =>
    popup.current?.querySelector<HTMLElement>("input, textarea") ??
    (onConfirm === undefined ? true : (popup.current?.querySelector<HTMLElement>("[data-actions] > :last-child") ?? true));
  const enter = onKey({
    Enter: (e) => {
      const target = e.target as HTMLElement;
      if (onConfirm === undefined || target.matches("textarea, button, a, [role=option], [role=row], [role=gridcell]")) return false;
      onConfirm();
      return true;
    },
  });
  return (
    <Base.Root open onOpenChange={(open) => !open && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Popup
          ref={popup}
          className={`${styles.popup} ${styles[size]}`}
          initialFocus={initialFocus ?? first}
          onKeyDown={(e) => {
            if (!e.nativeEvent.defaultPrevented) enter(e);
          }}
        >
          <Base.Title className={styles.title}>{title}</Base.Title>
          <div className={styles.body}>
            {children}
          </div>
          {actions === undefined ? null : <div data-actions className={styles.actions}>{actions}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
