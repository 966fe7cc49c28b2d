/// Where a payment or a document stands, as a line of steps; the current one is said, not only drawn.
import styles from "./Steps.module.css";

export interface Step {
  label: string;
  state: "done" | "now" | "todo" | "bad";
}

export function Steps({ label, steps }: { label: string; steps: readonly Step[] }) {
  return (
    <ol className={styles.steps} aria-label={label}>
      {steps.map((step) => (
        <li
          key={step.label}
          className={styles[step.state]}
          {...(step.state === "now" || step.state === "bad" ? { "aria-current": "step" as const } : {})}
        >
          {step.state === "done" ? <span aria-hidden>✓ </span> : null}
          {step.label}
        </li>
      ))}
    </ol>
  );
}
