/// A configuration as rows of words, so that two versions can be laid beside each other.
import type { Button, Condition, Config, FieldRule } from "../../api/generated";
import { messages as conditionMessages } from "../../components/conditionMessages";
import { textOf } from "../../i18n";
import { formatAmount, formatRate } from "../../money";
import type { words } from "../../i18n/words";
import type { messages } from "./messages";
import { walletMessages } from "./walletMessages";
import { staffMessages } from "./staffMessages";

type Texts = (typeof messages)["zh-CN"];
type Words = (typeof words)["zh-CN"];

export interface Difference {
  what: string;
  before: string;
  after: string;
}

/** A value as a person reads it: money in yuan, choices in words. */
export function valueText(w: Words, field: string, value: string): string {
  const choices: Record<string, Record<string, string>> = {
    state: w.orderStates,
    payment_state: w.paymentStates,
    payment_method: w.methods,
  };
  if (field.endsWith("_fen") && /^-?\d+$/.test(value)) return formatAmount(value);
  return choices[field]?.[value] ?? value;
}

function conditionText(w: Words, { field_name, operator, field_values }: Condition): string {
  const values = field_values.map((value) => valueText(w, field_name, value)).join(", ");
  const names: Record<string, string> = w.orderFields;
  return [names[field_name] ?? field_name, textOf(conditionMessages).operators[operator], values].filter(Boolean).join(" ");
}

export function conditionsText(t: Texts, w: Words, groups: Button["conditions"]): string {
  if (groups.length === 0) return t.always;
  return groups.map((group) => group.map((one) => conditionText(w, one)).join(" & ")).join(` ${textOf(conditionMessages).or} `);
}

function rows(t: Texts, w: Words, config: Config): [string, string][] {
  const walletTexts = textOf(walletMessages);
  const yes = (on: boolean): string => (on ? t.on : t.off);
  const rule = (of: FieldRule): string =>
    [[of.visible, t.visible] as const, [of.required, t.required] as const, [of.readonly, t.readonly] as const]
      .filter(([on]) => on)
      .map(([, word]) => word)
      .join(", ") || "–";
  const { layouts } = config;
  const s = textOf(staffMessages);
  const nameOf = (id: string | null): string => config.departments.find((one) => one.id === id)?.name ?? s.top;
  return [
    [t.onlinePayment, yes(config.online_payment_enabled)],
    [t.collectionPayment, yes(config.collection_online_payment_enabled)],
    [t.mode, t.modes[config.mode]],
    [t.qrMode, t.qrModes[config.qr_mode]],
    [t.wechatH5, yes(config.wechat_h5)],
    [t.lifetime, String(config.intent_lifetime_s / 60)],
    ...(["wechat_pay", "alipay"] as const).flatMap((channel): [string, string][] => {
      const { least_fen, most_fen } = config.limits[channel];
      const fee = config.fees[channel];
      const name = w.channels[channel];
      return [
        [t.least(name), least_fen === null ? "–" : formatAmount(least_fen)],
        [t.most(name), most_fen === null ? "–" : formatAmount(most_fen)],
        [walletTexts.rate(name), fee === null ? walletTexts.unknown : walletTexts.rateIs(formatRate(fee.rate), fee.source, fee.date)],
      ];
    }),
    [`${t.pages.order_create} › ${t.paymentMethod}`, rule(layouts.order_create)],
    [`${t.pages.order_edit} › ${t.paymentMethod}`, rule(layouts.order_edit)],
    [`${t.pages.order_list} › ${t.showListButton}`, yes(layouts.order_list.show_online_payment_button)],
    [`${t.pages.collection_create} › ${t.paymentMethod}`, rule(layouts.collection_create)],
    [s.proofLimit, formatAmount(config.offline_proof_limit_fen)],
    [s.priceFloor, yes(config.price_floor)],
    [s.creditBlock, yes(config.credit_block)],
    [s.lease, String(config.lease_hours)],
    [s.department, config.departments.map((one) => `${nameOf(one.parent)} › ${one.name}`).join("; ") || s.noDepartments],
    ...config.buttons.flatMap((button): [string, string][] => {
      const name = `${t.objects[button.object]} › ${t.names[button.name]}`;
      return [
        [`${name} › ${t.labelZh}`, button.label_zh],
        [`${name} › ${t.labelEn}`, button.label_en],
        [`${name} › ${t.placements}`, button.placements.map((one) => t.placement[one]).join(", ")],
        [`${name} › ${t.roles}`, button.roles.map((one) => w.roles[one]).join(", ")],
        [`${name} › ${t.conditions}`, conditionsText(t, w, button.conditions)],
        [`${name} › ${t.whenLocked}`, yes(button.show_when_locked)],
      ];
    }),
  ];
}

/** What differs from one configuration to another. */
export function differences(t: Texts, w: Words, before: Config, after: Config): Difference[] {
  const then = new Map(rows(t, w, before));
  return rows(t, w, after)
    .map(([what, value]) => ({ what, before: then.get(what) ?? "", after: value }))
    .filter((row) => row.before !== row.after);
}
