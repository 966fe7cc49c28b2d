/// A channel's own code on the pay sheet. The backend has the channel make it, so it can be waited
/// for, be refused, or be over; the link's QR can always be shown instead.
import { useEffect, useState } from "react";
import { useAct } from "../../app/act";
import type { ErrorCode } from "../../api/client";
import type { Channel, IntentId, PayCodeView } from "../../api/generated";
import { Button } from "../../components/Button";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { words } from "../../i18n/words";
import { messages } from "./messages";
import styles from "./PayScreen.module.css";

/** How long until an answer that was not there yet is asked for again. */
const AGAIN_MS = 2_000;

/** The QR that a screen shows. */
export interface Shown {
  svg: string;
  modules: number;
}

export interface CodeState {
  channel: Channel;
  /** What was answered for this channel; null while it is awaited, or was refused. */
  answer: PayCodeView | null;
  refused: ErrorCode | null;
  ask: () => void;
}

/** The code of a channel; null while none is chosen. */
export function useChannelCode(intent: IntentId, channel: Channel | null): CodeState | null {
  const code = useAct("pay_code", { quiet: true });
  const [held, setHeld] = useState<{ channel: Channel; answer: PayCodeView | null } | null>(null);
  const ask = async (wanted: Channel): Promise<void> => {
    setHeld({ channel: wanted, answer: await code.run({ intent, channel: wanted }) });
  };
  // One question at a time: a choice made while another is being answered is asked for after it.
  const missing = channel !== null && held?.channel !== channel && !code.busy;
  useEffect(() => {
    if (missing) void ask(channel);
    // Chosen again later, it is asked for again: another may have taken its place meanwhile.
    if (channel === null) setHeld(null);
    // oxlint-disable-next-line react/exhaustive-deps
  }, [channel, missing]);
  const answer = held !== null && held.channel === channel ? held.answer : null;
  const waits = answer?.answer === "wait";
  useEffect(() => {
    if (!waits || channel === null) return undefined;
    const timer = setTimeout(() => void ask(channel), AGAIN_MS);
    return () => clearTimeout(timer);
    // A new answer, though it says the same, is a new object and waits anew.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [answer, waits]);
  if (channel === null) return null;
  return { channel, answer, refused: answer === null ? code.refused : null, ask: () => void ask(channel) };
}

/** What to draw, once it is there. */
export function codeShown(code: CodeState | null): Shown | null {
  return code?.answer?.answer === "code" ? { svg: code.answer.qr_svg, modules: code.answer.qr_modules } : null;
}

/** In the QR's place while there is none. */
export function NoCode({ code }: { code: CodeState }) {
  const t = useT(messages);
  const w = useT(words);
  const name = w.channels[code.channel];
  const { answer, refused } = code;
  const says =
    refused !== null ? errorText(refused) : answer === null || answer.answer === "code" ? t.codeAsked(name) : t.codeSays[answer.answer](name);
  return (
    <div className={styles.ended} role="status" data-testid="pay-code-says" data-answer={refused?.code ?? answer?.answer ?? "asked"}>
      <div className={styles.noCode}>
        <p>{says}</p>
        {refused !== null || answer?.answer === "refused" ? (
          <Button onClick={code.ask} data-testid="pay-code-again">
            {t.codeAgain}
          </Button>
        ) : null}
      </div>
    </div>
  );
}
