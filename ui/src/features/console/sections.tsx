/// The console's sections. Each changes a part of the one draft; nothing is in force before it is
/// saved as a whole and the backend has said so.
import { useState } from "react";
import type { Button as PresetButton, Config, ConfigView, FieldRule, Placement, Role } from "../../api/generated";
import { Button } from "../../components/Button";
import { ConditionBuilder } from "../../components/ConditionBuilder";
import { Field } from "../../components/Field";
import { Facts, Form, Quiet } from "../../components/Page";
import { MoneyField } from "../../components/MoneyField";
import { Filters, Segments } from "../../components/Segments";
import { StateTag } from "../../components/StateTag";
import { TextField } from "../../components/TextField";
import { useT } from "../../i18n";
import { words } from "../../i18n/words";
import { useOrderFields } from "../orders/orderFields";
import { conditionsText } from "./describe";
import { LayoutPreview } from "./LayoutPreview";
import { messages } from "./messages";
import { Switch } from "./parts";

export type Section = keyof (typeof messages)["zh-CN"]["section"];

interface Props {
  view: ConfigView;
  draft: Config;
  change: (draft: Config) => void;
}

export function Setup({ view, go }: { view: ConfigView; go: (section: Section) => void }) {
  const t = useT(messages);
  const { bindings, config } = view.current;
  const { order_create, order_edit, order_list } = config.layouts;
  const mini = view.current.mini_program;
  const steps: { id: keyof typeof t.steps; done: boolean; section?: Section }[] = [
    { id: "wallet", done: bindings.wechat_pay || bindings.alipay, section: "wallet" },
    // Needed by the mini program's surface alone: once one is bound, its owner has to be the right one.
    mini === "not_hosted" ? { id: "mini", done: false } : { id: "mini", done: mini === "same_owner", section: "mini_program" },
    { id: "enable", done: config.online_payment_enabled, section: "documents" },
    { id: "layout", done: order_create.visible && order_edit.visible, section: "layouts" },
    { id: "list", done: order_list.show_online_payment_button, section: "layouts" },
  ];
  return (
    <Form label={t.section.setup}>
      <Facts
        facts={steps.map(({ id, done, section }, at) => ({
          label: `${at + 1}. ${t.steps[id]}`,
          testId: `setup-${id}`,
          data: { "data-done": section === undefined ? "not_needed" : String(done) },
          value:
            section === undefined ? (
              <StateTag tone="none">{t.notNeeded}</StateTag>
            ) : (
              <>
                <StateTag tone={done ? "ok" : "warn"}>{done ? t.done : t.todo}</StateTag>{" "}
                <Button tone="quiet" onClick={() => go(section)}>
                  {t.open}
                </Button>
              </>
            ),
        }))}
      />
      <Quiet>{t.miniNote}</Quiet>
    </Form>
  );
}

export function Documents({ draft, change }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const [minutes, setMinutes] = useState<string | null>(null);
  return (
    <Form label={t.section.documents}>
      <Switch
        label={t.onlinePayment}
        on={draft.online_payment_enabled}
        onChange={(online_payment_enabled) =>
          change({
            ...draft,
            online_payment_enabled,
            collection_online_payment_enabled: online_payment_enabled && draft.collection_online_payment_enabled,
          })
        }
        testId="enable-online-payment"
      />
      <Switch
        label={t.collectionPayment}
        hint={t.collectionNote}
        on={draft.collection_online_payment_enabled}
        onChange={(collection_online_payment_enabled) => change({ ...draft, collection_online_payment_enabled })}
        testId="enable-collection-payment"
      />
      <Field label={t.mode} hint={t.modeNote}>
        {() => (
          <Segments
            label={t.mode}
            testId="mode"
            value={draft.mode}
            onChange={(mode) => change({ ...draft, mode })}
            segments={(["normal", "one_and_n"] as const).map((value) => ({ value, label: t.modes[value] }))}
          />
        )}
      </Field>
      <Field label={t.qrMode} hint={t.qrModeNote}>
        {() => (
          <Segments
            label={t.qrMode}
            testId="qr-mode"
            value={draft.qr_mode}
            onChange={(qr_mode) => change({ ...draft, qr_mode })}
            segments={(["cashier", "channel_code"] as const).map((value) => ({ value, label: t.qrModes[value] }))}
          />
        )}
      </Field>
      <Switch label={t.wechatH5} hint={t.wechatH5Note} on={draft.wechat_h5} onChange={(wechat_h5) => change({ ...draft, wechat_h5 })} testId="wechat-h5" />
      <TextField
        label={t.lifetime}
        hint={t.lifetimeNote}
        inputMode="numeric"
        value={minutes ?? String(draft.intent_lifetime_s / 60)}
        onChange={(text) => {
          setMinutes(text);
          const whole = /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0;
          change({ ...draft, intent_lifetime_s: whole * 60 });
        }}
        onBlur={() => setMinutes(null)}
        testId="intent-lifetime"
      />
      <h2>{t.limits}</h2>
      {(["wechat_pay", "alipay"] as const).map((channel) => {
        const limit = draft.limits[channel];
        const put = (part: Partial<typeof limit>): void => change({ ...draft, limits: { ...draft.limits, [channel]: { ...limit, ...part } } });
        return (
          <Form key={channel} label={w.channels[channel]}>
            <MoneyField label={t.least(w.channels[channel])} hint={t.noLimit} value={limit.least_fen} onChange={(least_fen) => put({ least_fen })} testId={`limit-least-${channel}`} />
            <MoneyField label={t.most(w.channels[channel])} hint={t.noLimit} value={limit.most_fen} onChange={(most_fen) => put({ most_fen })} testId={`limit-most-${channel}`} />
          </Form>
        );
      })}
    </Form>
  );
}

const RULES = ["visible", "required", "readonly"] as const;
const PAGES = ["order_create", "order_edit", "collection_create"] as const;

export function Layouts({ view, draft, change }: Props) {
  const t = useT(messages);
  const { layouts } = draft;
  const set = (page: (typeof PAGES)[number], on: readonly (typeof RULES)[number][]): void => {
    const rule: FieldRule = { visible: on.includes("visible"), required: on.includes("required"), readonly: on.includes("readonly") };
    change({ ...draft, layouts: { ...layouts, [page]: rule } });
  };
  return (
    <Form label={t.section.layouts}>
      {PAGES.map((page) => (
        <Field key={page} label={`${t.pages[page]} · ${t.paymentMethod}`}>
          {() => (
            <Filters
              label={`${t.pages[page]} ${t.paymentMethod}`}
              testId={`layout-${page}`}
              values={RULES.filter((rule) => layouts[page][rule])}
              onChange={(on) => set(page, on)}
              segments={RULES.map((value) => ({ value, label: t[value] }))}
            />
          )}
        </Field>
      ))}
      <Switch
        label={`${t.pages.order_list} · ${t.showListButton}`}
        on={layouts.order_list.show_online_payment_button}
        onChange={(show_online_payment_button) => change({ ...draft, layouts: { ...layouts, order_list: { show_online_payment_button } } })}
        testId="layout-list-button"
      />
      <LayoutPreview view={view} draft={draft} />
    </Form>
  );
}

const PLACES: Record<PresetButton["object"], readonly Placement[]> = {
  sales_order: ["detail", "list_row", "list_bulk", "create", "edit"],
  payment_collection: ["create"],
};
const ROLES = ["sales", "finance", "finance_lead"] as const satisfies readonly Role[];

export function Buttons({ draft, change }: Omit<Props, "view">) {
  const t = useT(messages);
  const w = useT(words);
  const fields = useOrderFields();
  const [chosen, setChosen] = useState("0");
  const button = draft.buttons[Number(chosen)];
  if (button === undefined) return null;
  const put = (next: PresetButton): void => change({ ...draft, buttons: draft.buttons.map((held) => (held === button ? next : held)) });
  return (
    <Form label={t.section.buttons}>
      <Segments
        label={t.button}
        testId="preset"
        value={chosen}
        onChange={setChosen}
        segments={draft.buttons.map((one, at) => ({ value: String(at), label: `${t.objects[one.object]} › ${t.names[one.name]}` }))}
      />
      <Quiet>{t.presetNote}</Quiet>
      <TextField label={t.labelZh} required maxLength={24} value={button.label_zh} onChange={(label_zh) => put({ ...button, label_zh })} testId="button-label-zh" />
      <TextField label={t.labelEn} required maxLength={24} value={button.label_en} onChange={(label_en) => put({ ...button, label_en })} testId="button-label-en" />
      <Field label={t.placements}>
        {() => (
          <Filters
            label={t.placements}
            testId="placement"
            values={button.placements}
            onChange={(placements) => put({ ...button, placements: [...placements] })}
            segments={PLACES[button.object].map((value) => ({ value, label: t.placement[value] }))}
          />
        )}
      </Field>
      <Field label={t.roles}>
        {() => (
          <Filters
            label={t.roles}
            testId="role"
            values={button.roles}
            onChange={(roles) => put({ ...button, roles: [...roles] })}
            segments={ROLES.map((value) => ({ value, label: w.roles[value] }))}
          />
        )}
      </Field>
      <Switch label={t.whenLocked} on={button.show_when_locked} onChange={(show_when_locked) => put({ ...button, show_when_locked })} testId="show-when-locked" />
      <h2>{t.conditions}</h2>
      {button.object === "sales_order" ? (
        <>
          <Quiet>{t.conditionsNote}</Quiet>
          {button.conditions.length === 0 ? null : <Quiet>{conditionsText(t, w, button.conditions)}</Quiet>}
          <ConditionBuilder fields={fields} value={button.conditions} onChange={(conditions) => put({ ...button, conditions })} />
        </>
      ) : (
        <Quiet>{t.conditionsNone}</Quiet>
      )}
    </Form>
  );
}

