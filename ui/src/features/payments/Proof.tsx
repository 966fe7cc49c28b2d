/// The payer's receipt code, checked on this terminal while it is offline. It lets goods leave; it is
/// not money yet (rule 6.6).
import { useState } from "react";
import type { ErrorCode } from "../../api/client";
import { Button } from "../../components/Button";
import { TextField } from "../../components/TextField";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { messages } from "./messages";
import styles from "./PayScreen.module.css";

interface Props {
  busy: boolean;
  refused: ErrorCode | null;
  onCheck: (text: string) => void;
}

export function Proof({ busy, refused, onCheck }: Props) {
  const t = useT(messages);
  const [text, setText] = useState("");
  const go = (): void => {
    if (text.trim() !== "" && !busy) onCheck(text);
  };
  return (
    <div className={styles.proof}>
      <TextField
        label={t.proofTitle}
        hint={t.proofHint}
        value={text}
        onChange={setText}
        onEnter={go}
        error={refused === null ? null : errorText(refused)}
        testId="pay-proof"
      />
      <Button busy={busy} disabled={text.trim() === "" || busy} onClick={go} data-testid="pay-proof-go">
        {t.proofGo}
      </Button>
    </div>
  );
}
