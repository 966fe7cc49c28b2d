/// Label, control, hint and error, wired for assistive technology. The control gets its ids as a
/// function, so that any input fits without cloning children.
import { type ReactNode, useId } from "react";
import styles from "./Field.module.css";

export interface ControlIds {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  "aria-required"?: true;
}

interface Props {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  required?: boolean;
  /** `row` puts the label left of the control, as in dense forms. */
  layout?: "stack" | "row";
  children: (ids: ControlIds) => ReactNode;
}

export function Field({ label, hint, error, required, layout = "stack", children }: Props) {
  const id = useId();
  const note = `${id}-note`;
  const hasNote = Boolean(error) || Boolean(hint);
  return (
    <div className={`${styles.field} ${styles[layout]}`}>
      <label className={styles.label} htmlFor={id}>
        {label}
        {required ? <span aria-hidden className={styles.required}> *</span> : null}
      </label>
      <div className={styles.control}>
        {children({
          id,
          ...(hasNote ? { "aria-describedby": note } : {}),
          ...(error ? { "aria-invalid": true as const } : {}),
          ...(required ? { "aria-required": true as const } : {}),
        })}
        {hasNote ? (
          <div id={note} className={error ? styles.error : styles.hint}>
            {error ?? hint}
          </div>
        ) : null}
      </div>
    </div>
  );
}
