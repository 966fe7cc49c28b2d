/// Conditions by hand: groups joined by "or", conditions inside one by "and". It knows no object: what
/// can be asked comes in as fields, what was asked goes out as stored. It evaluates nothing; that is
/// done where the rows are.
import { useEffect, useRef } from "react";
import type { Condition, Conditions, FieldType, Operator } from "../api/generated";
import { useT } from "../i18n";
import { Button } from "./Button";
import styles from "./ConditionBuilder.module.css";
import { ConditionValue } from "./ConditionValue";
import { messages } from "./conditionMessages";
import field from "./Field.module.css";

export interface ConditionField {
  name: string;
  label: string;
  type: FieldType;
  operators: readonly Operator[];
  /** The words of a choice. */
  options?: readonly { value: string; label: string }[];
}

interface Props {
  fields: readonly ConditionField[];
  value: Conditions;
  onChange: (value: Conditions) => void;
}

/** How many values an operator takes: exactly so many, or one and more. */
function takes(operator: Operator): number | "many" {
  if (operator === "IS" || operator === "ISN") return 0;
  if (operator === "IN" || operator === "NIN") return "many";
  return operator === "BETWEEN" ? 2 : 1;
}

function begin(of: ConditionField): Condition {
  const operator = of.type === "text" ? "LIKE" : (of.operators[0] ?? "EQ");
  return { field_name: of.name, operator, field_values: fit(operator, []) };
}

function fit(operator: Operator, values: readonly string[]): string[] {
  const count = takes(operator);
  if (count === "many") return values.length > 0 ? [...values] : [""];
  return Array.from({ length: count }, (_, at) => values[at] ?? "");
}

/** Whether every condition has all its values. */
export function isComplete(value: Conditions): boolean {
  return value.every((group) => group.length > 0 && group.every((one) => one.field_values.every((text) => text !== "")));
}

export function ConditionBuilder({ fields, value, onChange }: Props) {
  const t = useT(messages);
  const box = useRef<HTMLDivElement>(null);
  const next = useRef<string | null>(null);
  // What was added gets the focus; where something was removed, the way to add does.
  useEffect(() => {
    if (next.current === null) return;
    box.current?.querySelector<HTMLElement>(next.current)?.focus();
    next.current = null;
  }, [value]);

  const [first] = fields;
  const change = (at: number, group: Condition[] | null): void =>
    onChange(group === null ? value.filter((_, other) => other !== at) : value.map((held, other) => (other === at ? group : held)));
  const addGroup = (): void => {
    if (first === undefined) return;
    next.current = `[data-at="${value.length}.0"] select`;
    onChange([...value, [begin(first)]]);
  };
  return (
    <div ref={box} className={styles.builder} data-testid="conditions">
      {value.length === 0 ? <p className={styles.none}>{t.none}</p> : null}
      {value.map((group, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- a group is its place, it has no name
        <div key={at}>
          {at === 0 ? null : <p className={styles.or}>{t.or}</p>}
          <div role="group" aria-label={t.group(at + 1)} className={styles.group}>
            {group.map((condition, row) => (
              <Row
                // oxlint-disable-next-line react/no-array-index-key -- as above
                key={row}
                at={`${at}.${row}`}
                fields={fields}
                condition={condition}
                onChange={(changed) => change(at, group.map((held, other) => (other === row ? changed : held)))}
                onRemove={() => {
                  const rest = group.filter((_, other) => other !== row);
                  next.current = rest.length > 0 ? `[data-add="${at}"]` : "[data-add-group]";
                  change(at, rest.length > 0 ? rest : null);
                }}
              />
            ))}
            <div>
              <Button
                tone="quiet"
                data-add={at}
                onClick={() => {
                  if (first === undefined) return;
                  next.current = `[data-at="${at}.${group.length}"] select`;
                  change(at, [...group, begin(first)]);
                }}
              >
                + {t.addCondition}
              </Button>
            </div>
          </div>
        </div>
      ))}
      <div>
        <Button tone="quiet" data-add-group data-testid="add-group" onClick={addGroup}>
          + {value.length === 0 ? t.addCondition : t.addGroup}
        </Button>
      </div>
    </div>
  );
}

interface RowProps {
  at: string;
  fields: readonly ConditionField[];
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}

function Row({ at, fields, condition, onChange, onRemove }: RowProps) {
  const t = useT(messages);
  const of = fields.find(({ name }) => name === condition.field_name);
  const { operator, field_values: values } = condition;
  const many = takes(operator) === "many";
  const inTime = of?.type === "date" || of?.type === "timestamp";
  const set = (changed: string[]): void => onChange({ ...condition, field_values: changed });
  return (
    <div className={styles.row} data-at={at} data-testid="condition">
      <select
        aria-label={t.field}
        className={`${field.input} ${styles.field}`}
        value={condition.field_name}
        onChange={(e) => {
          const chosen = fields.find(({ name }) => name === e.target.value);
          if (chosen !== undefined) onChange(begin(chosen));
        }}
      >
        {of === undefined ? <option value={condition.field_name}>{condition.field_name} ?</option> : null}
        {fields.map(({ name, label }) => (
          <option key={name} value={name}>
            {label}
          </option>
        ))}
      </select>
      <select
        aria-label={t.operator}
        className={`${field.input} ${styles.operator}`}
        value={operator}
        onChange={(e) => {
          const chosen = of?.operators.find((one) => one === e.target.value);
          if (chosen !== undefined) onChange({ ...condition, operator: chosen, field_values: fit(chosen, values) });
        }}
      >
        {of?.operators.includes(operator) === true ? null : <option value={operator}>{t.operators[operator]}</option>}
        {of?.operators.map((one) => (
          <option key={one} value={one}>
            {(inTime ? t.inTime[one] : undefined) ?? t.operators[one]}
          </option>
        ))}
      </select>
      <div className={styles.values}>
        {values.map((text, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- a value is its place
          <span key={index} className={styles.value}>
            <ConditionValue
              label={operator === "BETWEEN" ? (index === 0 ? t.from : t.to) : t.value}
              type={of?.type ?? "text"}
              options={of?.options}
              value={text}
              onChange={(changed) => set(values.map((held, other) => (other === index ? changed : held)))}
            />
            {many && values.length > 1 ? (
              <Button tone="quiet" aria-label={t.removeValue} onClick={() => set(values.filter((_, other) => other !== index))}>
                ×
              </Button>
            ) : null}
          </span>
        ))}
        {many ? (
          <Button tone="quiet" aria-label={t.addValue} onClick={() => set([...values, ""])}>
            +
          </Button>
        ) : null}
      </div>
      <Button tone="quiet" aria-label={t.removeCondition(of?.label ?? condition.field_name)} onClick={onRemove}>
        ×
      </Button>
    </div>
  );
}
