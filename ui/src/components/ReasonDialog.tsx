/// Takes something back, or refuses it, and asks why: nothing happens without a reason.
import { type ReactNode, useState } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";
import { TextField } from "./TextField";

interface Props {
  title: string;
  /** What it will do, where the title does not say it. */
  children?: ReactNode;
  /** Names the reason, the way back, and the act. */
  words: { reason: string; back: string; go: string };
  busy: boolean;
  onGo: (reason: string) => void;
  onClose: () => void;
  /** Of the field with `-reason`, of the act's button with `-go`. */
  testId: string;
}

export function ReasonDialog({ title, children, words, busy, onGo, onClose, testId }: Props) {
  const [text, setText] = useState("");
  const reason = text.trim();
  const ready = reason !== "" && !busy;
  const go = (): void => {
    if (ready) onGo(reason);
  };
  return (
    <Dialog
      title={title}
      onClose={onClose}
      onConfirm={go}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {words.back}
          </Button>
          <Button tone="bad" chord="Enter" busy={busy} disabled={!ready} onClick={go} data-testid={`${testId}-go`}>
            {words.go}
          </Button>
        </>
      }
    >
      {children}
      <TextField label={words.reason} value={text} onChange={setText} required testId={`${testId}-reason`} />
    </Dialog>
  );
}
