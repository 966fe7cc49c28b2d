/// More apps › Corporate wallet: the merchant accounts, and the wizard that binds one: details,
/// credentials, live self-test, active. Everything here is the backend's word.
import { Fragment, useState } from "react";
import { useAct } from "../../app/act";
import type { BindingDetails, BindingView, Channel, ConfigView, Config, Credentials, FeeNote, WalletBindingId, WalletView } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Field } from "../../components/Field";
import { Actions, Facts, Form, Quiet } from "../../components/Page";
import { Segments } from "../../components/Segments";
import { StateTag, type Tone } from "../../components/StateTag";
import { Steps } from "../../components/Steps";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime } from "../../i18n/time";
import { words } from "../../i18n/words";
import { formatRate } from "../../money";
import { messages } from "./messages";
import { walletMessages } from "./walletMessages";

const CHANNELS = ["wechat_pay", "alipay"] as const satisfies readonly Channel[];
const TONES: Record<BindingView["status"], Tone> = { draft: "none", failed: "bad", tested: "accent", active: "ok", retired: "none" };

interface Props {
  view: ConfigView;
  draft: Config;
  change: (draft: Config) => void;
}

export function Wallet({ view, draft, change }: Props) {
  const t = useT(walletMessages);
  const c = useT(messages);
  const w = useT(words);
  const read = useRead("wallet", {});
  const [wizard, setWizard] = useState<Begun | null>(null);
  const wallet = read.data;
  if (wizard !== null && wallet !== undefined) {
    return <Wizard key={wizard.details.channel} begun={wizard} wallet={wallet} onClose={() => setWizard(null)} />;
  }
  return (
    <Form label={c.section.wallet}>
      <Quiet>{t.how}</Quiet>
      {read.error === null ? null : <ErrorPanel title={read.error.why.code === "unreachable" ? t.offline : errorText(read.error.why)} code={read.error.why.code} />}
      {wallet === undefined ? null : <Bindings wallet={wallet} onBegin={setWizard} />}
      <h2>{t.surfaces}</h2>
      <Facts
        facts={view.surfaces.map(({ surface, channels }) => ({
          label: c.surface[surface],
          value: channels.offered.map((one) => w.channels[one]).join(" · ") || c.noChannel,
          testId: `surface-${surface}`,
          data: { "data-surface": surface, "data-channels": channels.offered.join(",") },
        }))}
      />
      <h2>{t.fee}</h2>
      <Quiet>{t.feeNote}</Quiet>
      {CHANNELS.map((channel) => (
        <Fee key={channel} channel={channel} fee={draft.fees[channel]} onChange={(fee) => change({ ...draft, fees: { ...draft.fees, [channel]: fee } })} />
      ))}
      {wallet === undefined || wallet.changes.length === 0 ? null : <Changes wallet={wallet} />}
    </Form>
  );
}

/** Where the wizard begins: anew, or at a binding that was saved before. */
interface Begun {
  details: BindingDetails;
  binding: WalletBindingId | null;
}

const active = (wallet: WalletView, channel: Channel): BindingView | undefined =>
  wallet.bindings.find(({ status, details }) => status === "active" && details.channel === channel);

function Bindings({ wallet, onBegin }: { wallet: WalletView; onBegin: (begun: Begun) => void }) {
  const t = useT(walletMessages);
  const w = useT(words);
  const fresh = (channel: Channel): Begun => ({ details: { channel, merchant_no: "", app_id: "", holder: "", credit_code: "" }, binding: null });
  return (
    <>
      {wallet.bindings.length === 0 ? <Quiet>{t.none}</Quiet> : null}
      <Facts
        facts={wallet.bindings.map((held, at) => ({
          label: `${w.channels[held.details.channel]} · ${held.details.merchant_no}${at === 0 ? "" : ""}`,
          testId: "binding",
          data: { "data-status": held.status, "data-channel": held.details.channel, "data-merchant": held.details.merchant_no },
          value: (
            <>
              <StateTag tone={TONES[held.status]}>{t.status[held.status]}</StateTag>{" "}
              {held.binding !== null && (held.status === "draft" || held.status === "failed" || held.status === "tested") ? (
                <Button tone="quiet" onClick={() => onBegin({ details: held.details, binding: held.binding })}>
                  {t.goOn}
                </Button>
              ) : null}
            </>
          ),
          note: [held.details.holder, held.binding === null ? t.fromFile : held.tested_at === null ? "" : t.tested(formatDateTime(held.tested_at)), held.refused === null ? "" : errorText(held.refused)]
            .filter(Boolean)
            .join(" · "),
        }))}
      />
      <Actions>
        {CHANNELS.map((channel) => (
          <Button key={channel} onClick={() => onBegin(fresh(channel))} data-testid={`bind-${channel}`}>
            {active(wallet, channel) === undefined ? t.bind(w.channels[channel]) : t.rebind(w.channels[channel])}
          </Button>
        ))}
      </Actions>
    </>
  );
}

function Changes({ wallet }: { wallet: WalletView }) {
  const t = useT(walletMessages);
  const staff = useRead("staff_list", {}).data ?? [];
  const name = (id: string): string => staff.find((one) => one.id === id)?.name ?? id;
  return (
    <>
      <h2>{t.changes}</h2>
      <Facts
        facts={wallet.changes.slice(0, 12).map(({ at, act, staff: who, before, after }) => ({
          label: `${formatDateTime(at)} · ${name(who)}`,
          value: t.acts[act],
          note: [before, after].filter(Boolean).join(" → "),
          testId: "wallet-change",
          data: { "data-act": act },
        }))}
      />
    </>
  );
}

type Step = "details" | "credentials" | "test" | "active";
const STEPS: readonly Step[] = ["details", "credentials", "test", "active"];

function Wizard({ begun, wallet, onClose }: { begun: Begun; wallet: WalletView; onClose: () => void }) {
  const t = useT(walletMessages);
  const w = useT(words);
  const [details, setDetails] = useState(begun.details);
  const [binding, setBinding] = useState(begun.binding);
  const [step, setStep] = useState<Step>(begun.binding === null ? "details" : "test");
  const save = useAct("wallet_save");
  const test = useAct("wallet_test");
  const activate = useAct("wallet_activate");
  const held = wallet.bindings.find((one) => binding !== null && one.binding === binding);
  const replaced = active(wallet, details.channel);
  const put = (part: Partial<BindingDetails>): void => setDetails({ ...details, ...part });
  const complete = details.merchant_no.trim() !== "" && details.app_id.trim() !== "" && details.holder.trim() !== "";

  const keep = async (credentials: Credentials): Promise<void> => {
    const done = await save.run({ details, credentials });
    if (done === null) return;
    setBinding(done.binding);
    setStep("test");
  };
  const use = async (): Promise<void> => {
    if (binding === null) return;
    const done = await activate.run({ binding, replaces: replaced?.details.merchant_no ?? null });
    if (done === null) return;
    say("ok", t.activated);
    onClose();
  };
  const at = held?.status === "tested" ? 3 : STEPS.indexOf(step);
  return (
    <Form label={t.bind(w.channels[details.channel])}>
      <h2>{t.bind(w.channels[details.channel])}</h2>
      <Steps label={t.stepsLabel} steps={STEPS.map((one, nth) => ({ label: t.steps[one], state: nth < at ? "done" : nth === at ? "now" : "todo" }))} />
      {step === "details" ? (
        <>
          <TextField label={t.merchantNo[details.channel]} required value={details.merchant_no} onChange={(merchant_no) => put({ merchant_no })} testId="wallet-merchant-no" />
          <TextField label={t.appId} required value={details.app_id} onChange={(app_id) => put({ app_id })} testId="wallet-app-id" />
          <TextField label={t.holder} required value={details.holder} onChange={(holder) => put({ holder })} testId="wallet-holder" />
          <TextField label={t.creditCode} hint={t.creditCodeHint} value={details.credit_code} onChange={(credit_code) => put({ credit_code })} testId="wallet-credit-code" />
          <Actions>
            <Button tone="primary" disabled={!complete} onClick={() => setStep("credentials")} data-testid="wallet-next">
              {t.next}
            </Button>
            <Button onClick={onClose}>{t.cancel}</Button>
          </Actions>
        </>
      ) : null}
      {step === "credentials" ? <Keys channel={details.channel} busy={save.busy} onSave={(credentials) => void keep(credentials)} onBack={() => setStep("details")} /> : null}
      {step === "test" && binding !== null ? (
        <>
          <Facts facts={[{ label: t.merchantNo[details.channel], value: details.merchant_no, note: details.holder }]} />
          <Quiet>{t.testNote}</Quiet>
          {held?.status === "failed" && held.refused !== null ? (
            <p role="alert" data-testid="wallet-refused">
              △ {t.testFailed(errorText(held.refused))}
            </p>
          ) : null}
          {held?.status === "tested" && replaced !== undefined ? <Quiet>{t.replaces(replaced.details.merchant_no)}</Quiet> : null}
          <Actions>
            {held?.status === "tested" ? (
              <Button tone="primary" busy={activate.busy} onClick={() => void use()} data-testid="wallet-activate">
                {t.activate}
              </Button>
            ) : (
              <Button tone="primary" busy={test.busy} onClick={() => void test.run({ binding })} data-testid="wallet-test">
                {t.test}
              </Button>
            )}
            <Button onClick={() => setStep("credentials")}>{t.again}</Button>
            <Button onClick={onClose}>{t.cancel}</Button>
          </Actions>
        </>
      ) : null}
    </Form>
  );
}

interface KeysProps {
  channel: Channel;
  busy: boolean;
  onSave: (credentials: Credentials) => void;
  onBack: () => void;
}

/** What an app's settings at Alipay hand out, by their mode. */
const ALIPAY = {
  key: ["public_key"],
  certificates: ["app_certificate", "alipay_certificate", "alipay_root"],
} as const;

/** What is typed here lives in this form alone and is gone with it. */
function Keys({ channel, busy, onSave, onBack }: KeysProps) {
  const t = useT(walletMessages);
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [mode, setMode] = useState<"key" | "certificates">("key");
  const of = (name: string): string => typed[name] ?? "";
  const field = (name: string, label: string, lines?: number, hint?: string, required = true) => (
    <TextField
      label={label}
      required={required}
      {...(hint === undefined ? {} : { hint })}
      {...(lines === undefined ? { type: "password" as const, autoComplete: "off" as const } : { lines })}
      value={of(name)}
      onChange={(value) => setTyped({ ...typed, [name]: value })}
      testId={`wallet-${name}`}
    />
  );
  const needed = channel === "wechat_pay" ? ["app_secret", "api_v3_key", "merchant_serial", "private_key", "platform_pem"] : ["private_key", ...ALIPAY[mode]];
  const credentials = (): Credentials =>
    channel === "wechat_pay"
      ? {
          channel,
          app_secret: of("app_secret").trim(),
          api_v3_key: of("api_v3_key").trim(),
          merchant_serial: of("merchant_serial").trim(),
          merchant_private_key_pem: of("private_key"),
          platform_keys: [{ id: of("platform_id").trim(), pem: of("platform_pem") }],
        }
      : mode === "key"
        ? { channel, app_private_key_pem: of("private_key"), alipay_public_key_pem: of("public_key") }
        : {
            channel,
            app_private_key_pem: of("private_key"),
            app_certificate_pem: of("app_certificate"),
            alipay_certificate_pem: of("alipay_certificate"),
            alipay_root_pem: of("alipay_root"),
          };
  return (
    <>
      {channel === "wechat_pay" ? (
        <>
          {field("app_secret", t.appSecret)}
          {field("api_v3_key", t.apiV3Key)}
          {field("merchant_serial", t.merchantSerial)}
          {field("private_key", t.privateKey, 3, t.pemHint)}
          {field("platform_id", t.platformId, undefined, t.platformIdHint, false)}
          {field("platform_pem", t.platformPem, 3, t.pemHint)}
        </>
      ) : (
        <>
          <Field label={t.trust} hint={t.trustHint}>
            {() => (
              <Segments
                label={t.trust}
                testId="wallet-trust"
                value={mode}
                onChange={setMode}
                segments={(["key", "certificates"] as const).map((value) => ({ value, label: t.trusts[value] }))}
              />
            )}
          </Field>
          {field("private_key", t.alipayPrivateKey, 3, t.pemHint)}
          {ALIPAY[mode].map((name) => (
            <Fragment key={name}>{field(name, t.alipayFiles[name], 3, t.pemHint)}</Fragment>
          ))}
        </>
      )}
      <Actions>
        <Button tone="primary" busy={busy} disabled={busy || needed.some((name) => of(name).trim() === "")} onClick={() => onSave(credentials())} data-testid="wallet-save">
          {t.saveKeys}
        </Button>
        <Button onClick={onBack}>{t.back}</Button>
      </Actions>
    </>
  );
}

/** `0.6` as 60 ten-thousandths; null when it is no such number. */
function rateOf(text: string): number | null {
  const found = /^(\d{1,2})(?:\.(\d{1,2}))?$/.exec(text.trim());
  return found === null ? null : Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
}

function Fee({ channel, fee, onChange }: { channel: Channel; fee: FeeNote | null; onChange: (fee: FeeNote | null) => void }) {
  const t = useT(walletMessages);
  const w = useT(words);
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (fee === null ? "" : formatRate(fee.rate));
  const set = (text: string): void => {
    setTyped(text);
    const rate = rateOf(text);
    if (text.trim() === "") onChange(null);
    else if (rate !== null) onChange({ source: "", date: "", ...fee, rate });
  };
  return (
    <>
      <TextField
        label={t.rate(w.channels[channel])}
        hint={fee === null ? t.unknown : t.rateIs(formatRate(fee.rate), fee.source, fee.date)}
        placeholder={t.rateHint}
        inputMode="decimal"
        value={shown}
        onChange={set}
        onBlur={() => setTyped(null)}
        testId={`fee-${channel}`}
      />
      {fee === null ? null : (
        <>
          <TextField label={t.source} required placeholder={t.sourceHint} value={fee.source} onChange={(source) => onChange({ ...fee, source })} testId={`fee-source-${channel}`} />
          <TextField label={t.date} required type="date" value={fee.date} onChange={(date) => onChange({ ...fee, date })} testId={`fee-date-${channel}`} />
        </>
      )}
    </>
  );
}
