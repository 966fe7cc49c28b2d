/// One of a few, all in sight: a radio group, so that arrows choose and screen readers count. With
/// `many`, each is a switch of its own (filters).
import { useId } from "react";
import styles from "./Segments.module.css";

interface Segment<V extends string> {
  value: V;
  label: string;
  disabled?: boolean;
}

interface Props<V extends string> {
  label: string;
  segments: readonly Segment<V>[];
  /** Prefix of each segment's test id, e.g. `method` for `method-cash`. */
  testId?: string;
}

export function Segments<V extends string>(props: Props<V> & { value: V; onChange: (value: V) => void }) {
  const { label, segments, value, onChange, testId } = props;
  const name = useId();
  return (
    <div role="radiogroup" aria-label={label} className={styles.group}>
      {segments.map((segment) => (
        <label key={segment.value} className={styles.segment}>
          <input
            type="radio"
            name={name}
            data-testid={testId === undefined ? undefined : `${testId}-${segment.value}`}
            checked={segment.value === value}
            disabled={segment.disabled ?? false}
            onChange={() => onChange(segment.value)}
          />
          <span>{segment.label}</span>
        </label>
      ))}
    </div>
  );
}

export function Filters<V extends string>(
  props: Props<V> & { values: readonly V[]; onChange: (values: readonly V[]) => void },
) {
  const { label, segments, values, onChange, testId } = props;
  const toggle = (value: V): void =>
    onChange(values.includes(value) ? values.filter((one) => one !== value) : [...values, value]);
  return (
    <div role="group" aria-label={label} className={`${styles.group} ${styles.filters}`}>
      {segments.map((segment) => (
        <label key={segment.value} className={styles.segment}>
          <input
            type="checkbox"
            data-testid={testId === undefined ? undefined : `${testId}-${segment.value}`}
            checked={values.includes(segment.value)}
            onChange={() => toggle(segment.value)}
          />
          <span>
            <i aria-hidden>✓ </i>
            {segment.label}
          </span>
        </label>
      ))}
    </div>
  );
}
