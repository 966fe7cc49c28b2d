/// Conditions as groups of rows: all inside a group, any of the groups. It offers only what the core
/// says goes with a field; the core refuses the rest whatever stands here.
import { useState } from "react";
import type { Condition, Conditions, FieldInfo, Operator } from "../../api/generated";
import { Button } from "../../components/Button";
import { Actions, Form, Quiet } from "../../components/Page";
import { Filters } from "../../components/Segments";
import { Select } from "../../components/Select";
import { TextField } from "../../components/TextField";
import { useT } from "../../i18n";
import { words } from "../../i18n/words";
import { editableAmount, parseMoney } from "../../money";
import { fieldLabel } from "./describe";
import { messages } from "./messages";

interface Props {
  fields: readonly FieldInfo[];
  value: Conditions;
  onChange: (value: Conditions) => void;
}

const NO_VALUE: readonly Operator[] = ["IS", "ISN"];

export function ConditionBuilder({ fields, value, onChange }: Props) {
  const t = useT(messages);
  // Points in time are for connectors; a person asks for days.
  const offered = fields.filter((field) => field.field_type !== "timestamp");
  const fresh: Condition = { field_name: "owed_fen", operator: "GT", field_values: ["0"] };
  const put = (at: number, group: Condition[] | null): void =>
    onChange(value.flatMap((held, index) => (index === at ? (group === null || group.length === 0 ? [] : [group]) : [held])));
  return (
    <Form label={t.conditions}>
      <Quiet>{t.conditionsNote}</Quiet>
      {value.map((group, at) => (
        // Groups have no identity but their place.
        // oxlint-disable-next-line react/no-array-index-key
        <Form key={at} label={t.group(at + 1)}>
          <Quiet>{at === 0 ? t.group(1) : `${t.or} · ${t.group(at + 1)}`}</Quiet>
          {group.map((condition, row) => (
            <ConditionRow
              // oxlint-disable-next-line react/no-array-index-key
              key={row}
              fields={offered}
              value={condition}
              onChange={(next) => put(at, group.flatMap((held, index) => (index === row ? (next === null ? [] : [next]) : [held])))}
            />
          ))}
          <Actions>
            <Button onClick={() => put(at, [...group, fresh])} data-testid="add-condition">
              {t.addCondition}
            </Button>
          </Actions>
        </Form>
      ))}
      <Actions>
        <Button onClick={() => onChange([...value, [fresh]])} data-testid="add-group">
          {t.addGroup}
        </Button>
      </Actions>
    </Form>
  );
}

function ConditionRow({ fields, value, onChange }: { fields: readonly FieldInfo[]; value: Condition; onChange: (value: Condition | null) => void }) {
  const t = useT(messages);
  const w = useT(words);
  const field = fields.find((one) => one.name === value.field_name);
  const operators = field?.operators ?? [];
  const choices: Record<string, Record<string, string>> = { state: w.orderStates, payment_state: w.paymentStates, payment_method: w.methods };
  const choice = choices[value.field_name];
  const many = value.operator === "IN" || value.operator === "NIN";
  const choose = (name: string): void => {
    const next = fields.find((one) => one.name === name);
    const operator = next?.operators.includes(value.operator) ? value.operator : (next?.operators[0] ?? "EQ");
    onChange({ field_name: name, operator, field_values: [] });
  };
  return (
    <div>
      <Select
        layout="row"
        label={t.field}
        value={value.field_name}
        options={fields.map((one) => ({ value: one.name, label: fieldLabel(t, one.name) }))}
        onChange={choose}
      />
      <Select
        layout="row"
        label={t.operator}
        value={value.operator}
        options={operators.map((one) => ({ value: one, label: t.operators[one] }))}
        onChange={(operator) => onChange({ ...value, operator, field_values: NO_VALUE.includes(operator) ? [] : value.field_values })}
      />
      {NO_VALUE.includes(value.operator) ? null : choice !== undefined ? (
        <Filters
          label={t.values}
          testId="condition-value"
          values={value.field_values}
          onChange={(values) => onChange({ ...value, field_values: many ? [...values] : values.slice(-1) })}
          segments={Object.entries(choice).map(([word, label]) => ({ value: word, label }))}
        />
      ) : (
        <Values key={`${value.field_name} ${value.operator}`} money={field?.field_type === "money"} value={value.field_values} onChange={(field_values) => onChange({ ...value, field_values })} />
      )}
      <Actions>
        <Button tone="quiet" onClick={() => onChange(null)} data-testid="remove-condition">
          {t.remove}
        </Button>
      </Actions>
    </div>
  );
}

/** Keeps what is typed; what is no amount goes to the core as it is, which refuses it by name. */
function Values({ money, value, onChange }: { money: boolean; value: readonly string[]; onChange: (value: string[]) => void }) {
  const t = useT(messages);
  const shown = value.map((one) => (money && /^-?\d+$/.test(one) ? editableAmount(one) : one)).join(", ");
  const [typed, setTyped] = useState<string | null>(null);
  const read = (text: string): string[] =>
    text
      .split(/[,，]/)
      .map((part) => part.trim())
      .filter((part) => part !== "")
      .map((part) => (money ? (parseMoney(part) ?? part) : part));
  return (
    <TextField
      layout="row"
      label={t.values}
      hint={money ? t.moneyHint : t.valuesHint}
      value={typed ?? shown}
      onChange={(text) => {
        setTyped(text);
        onChange(read(text));
      }}
      onBlur={() => setTyped(null)}
      testId="condition-values"
    />
  );
}
