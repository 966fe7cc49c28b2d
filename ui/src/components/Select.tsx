/// One of a few. Base UI does the popup and its keys (it guards against input methods as ours does).
import { Select as Base } from "@base-ui/react/select";
import { Field } from "./Field";
import field from "./Field.module.css";
import styles from "./Select.module.css";

export interface Option<V extends string> {
  value: V;
  label: string;
  disabled?: boolean;
}

interface Props<V extends string> {
  label: string;
  value: V | null;
  options: readonly Option<V>[];
  onChange: (value: V) => void;
  placeholder?: string;
  hint?: string;
  error?: string | null | undefined;
  required?: boolean;
  disabled?: boolean;
  layout?: "stack" | "row";
  testId?: string;
}

export function Select<V extends string>(props: Props<V>) {
  const { label, value, options, onChange, placeholder, hint, error, required, disabled, layout, testId } = props;
  return (
    <Field label={label} hint={hint} error={error} {...(required ? { required } : {})} {...(layout ? { layout } : {})}>
      {(ids) => (
        <Base.Root
          items={options}
          value={value}
          disabled={disabled ?? false}
          onValueChange={(next) => {
            if (next !== null) onChange(next);
          }}
        >
          <Base.Trigger {...ids} data-testid={testId} aria-label={label} className={`${field.input} ${styles.trigger}`}>
            <Base.Value placeholder={placeholder} className={styles.value} />
            <Base.Icon className={styles.icon}>▾</Base.Icon>
          </Base.Trigger>
          <Base.Portal>
            <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className={styles.positioner}>
              <Base.Popup className={styles.popup}>
                {options.map((option) => (
                  <Base.Item key={option.value} value={option.value} disabled={option.disabled ?? false} className={styles.item}>
                    <Base.ItemText>{option.label}</Base.ItemText>
                    <Base.ItemIndicator className={styles.tick}>✓</Base.ItemIndicator>
                  </Base.Item>
                ))}
              </Base.Popup>
            </Base.Positioner>
          </Base.Portal>
        </Base.Root>
      )}
    </Field>
  );
}
