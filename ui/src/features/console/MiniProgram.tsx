/// More apps › Mini program hosting: the dedicated mini program and the check of its owner. Needed by
/// the mini program's surface alone.
import { useState } from "react";
import { useAct } from "../../app/act";
import type { MiniProgramDetails } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Actions, Facts, Form, Quiet } from "../../components/Page";
import { StateTag } from "../../components/StateTag";
import { TextField } from "../../components/TextField";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime } from "../../i18n/time";
import { messages } from "./messages";
import { walletMessages } from "./walletMessages";

export function MiniProgram() {
  const t = useT(walletMessages);
  const c = useT(messages);
  const read = useRead("wallet", {});
  const bind = useAct("mini_program_bind");
  const [typed, setTyped] = useState<MiniProgramDetails | null>(null);
  const bound = read.data?.mini_program ?? null;
  const details = typed ?? bound?.details ?? { app_id: "", owner: "", credit_code: "" };
  const put = (part: Partial<MiniProgramDetails>): void => setTyped({ ...details, ...part });
  const complete = details.app_id.trim() !== "" && details.owner.trim() !== "";
  const go = async (): Promise<void> => {
    if (complete && (await bind.run({ details })) !== null) setTyped(null);
  };
  return (
    <Form label={c.section.mini_program}>
      {read.error === null ? null : <ErrorPanel title={read.error.why.code === "unreachable" ? t.offline : errorText(read.error.why)} code={read.error.why.code} />}
      {bound === null ? (
        <Quiet>{t.miniNone}</Quiet>
      ) : (
        <Facts
          facts={[
            {
              label: bound.details.app_id,
              value: <StateTag tone={bound.owner === "same" ? "ok" : bound.owner === "no_account" ? "warn" : "bad"}>{t.owners[bound.owner]}</StateTag>,
              note: `${bound.details.owner} · ${t.compared(bound.holder)} · ${formatDateTime(bound.bound_at)}`,
              testId: "mini-program",
              data: { "data-owner": bound.owner },
            },
          ]}
        />
      )}
      <TextField label={t.appId} required value={details.app_id} onChange={(app_id) => put({ app_id })} testId="mini-app-id" />
      <TextField label={t.miniOwner} required value={details.owner} onChange={(owner) => put({ owner })} testId="mini-owner" />
      <TextField label={t.creditCode} hint={t.creditCodeHint} value={details.credit_code} onChange={(credit_code) => put({ credit_code })} onEnter={() => void go()} testId="mini-credit-code" />
      <Actions>
        <Button tone="primary" busy={bind.busy} disabled={!complete} onClick={() => void go()} data-testid="mini-bind">
          {t.miniBind}
        </Button>
      </Actions>
      <h2>{t.miniHelp}</h2>
      <ul data-testid="mini-help">
        {t.miniFacts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </Form>
  );
}
