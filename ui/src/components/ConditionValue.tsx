/// One value of a condition, typed as a person says it and kept as it is stored: yuan as fen, the
/// company's clock as milliseconds. What is no value is kept as empty.
import { useState } from "react";
import type { FieldType } from "../api/generated";
import { useT } from "../i18n";
import { editableAmount, halfWidth, parseMoney } from "../money";
import { messages } from "./conditionMessages";
import field from "./Field.module.css";

interface Props {
  label: string;
  type: FieldType;
  options?: readonly { value: string; label: string }[] | undefined;
  value: string;
  onChange: (value: string) => void;
}

const ZONE_MS = 8 * 3_600_000;

/** `2026-11-22T10:41` of the company's clock as milliseconds since 1970; empty when it is no time. */
function millisOf(local: string): string {
  const at = Date.parse(`${local}:00+08:00`);
  return Number.isNaN(at) ? "" : String(at);
}

function localOf(millis: string): string {
  const at = new Date(Number(millis) + ZONE_MS);
  return millis === "" || Number.isNaN(at.getTime()) ? "" : at.toISOString().slice(0, 16);
}

function parseNumber(text: string): string {
  const plain = halfWidth(text).trim();
  return /^-?\d{1,20}(\.\d{1,8})?$/.test(plain) ? plain : "";
}

export function ConditionValue({ label, type, options, value, onChange }: Props) {
  const t = useT(messages);
  const choices = type === "boolean" ? [{ value: "true", label: t.yes }, { value: "false", label: t.no }] : options;
  if (choices !== undefined) {
    return (
      <select aria-label={label} className={field.input} value={value} onChange={(e) => onChange(e.target.value)}>
        <option value="">{t.choose}</option>
        {value === "" || choices.some((one) => one.value === value) ? null : <option value={value}>{value}</option>}
        {choices.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </select>
    );
  }
  switch (type) {
    case "money":
      return <Typed label={label} value={value} show={(fen) => (fen === "" ? "" : editableAmount(fen))} read={(text) => parseMoney(text) ?? ""} onChange={onChange} />;
    case "number":
      return <Typed label={label} value={value} show={(text) => text} read={parseNumber} onChange={onChange} />;
    case "date":
      return <input type="date" aria-label={label} className={field.input} value={value} onChange={(e) => onChange(e.target.value)} />;
    case "timestamp":
      return <input type="datetime-local" aria-label={label} className={field.input} value={localOf(value)} onChange={(e) => onChange(millisOf(e.target.value))} />;
    default:
      return <input aria-label={label} autoComplete="off" spellCheck={false} maxLength={200} className={field.input} value={value} onChange={(e) => onChange(e.target.value)} />;
  }
}

interface TypedProps {
  label: string;
  value: string;
  show: (value: string) => string;
  /** Empty when the text is no value. */
  read: (text: string) => string;
  onChange: (value: string) => void;
}

/** Keeps the text as it is typed; shows the value once it is left. */
function Typed({ label, value, show, read, onChange }: TypedProps) {
  const [text, setText] = useState<string | null>(null);
  const wrong = text !== null && text !== "" && read(text) === "";
  return (
    <input
      aria-label={label}
      {...(wrong ? { "aria-invalid": true as const } : {})}
      inputMode="decimal"
      autoComplete="off"
      className={field.input}
      value={text ?? show(value)}
      onChange={(e) => {
        setText(e.target.value);
        onChange(read(e.target.value));
      }}
      onBlur={() => setText(null)}
    />
  );
}
