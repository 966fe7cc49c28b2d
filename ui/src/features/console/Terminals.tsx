/// Admin console › Terminals: who is enrolled and when it was last in touch, one-time codes, and the
/// end of access. Everything here is the backend's word.
import { useMemo, useState } from "react";
import { useAct } from "../../app/act";
import { KEYS, runAction, useKeys } from "../../app/keys";
import type { IssuedCode, TerminalChange, TerminalView } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { EmptyState } from "../../components/EmptyState";
import { ErrorPanel } from "../../components/ErrorPanel";
import { Actions, Facts, Head, Panel, Quiet, Stack } from "../../components/Page";
import { ReasonDialog } from "../../components/ReasonDialog";
import { StateTag, type Tone } from "../../components/StateTag";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime, formatShort } from "../../i18n/time";
import { kindText, words } from "../../i18n/words";
import { terminalMessages, wordText } from "./terminalMessages";

const TONES: Record<TerminalView["state"], Tone> = { awaited: "warn", enrolled: "ok", revoked: "bad" };

export function Terminals() {
  const t = useT(terminalMessages);
  const read = useRead("terminals", {});
  const [active, setActive] = useState<string | null>(null);
  const [open, setOpen] = useState<{ code: string } | null>(null);
  const [revoking, setRevoking] = useState(false);
  const rows = read.data?.terminals ?? [];
  const chosen = rows.find((row) => row.terminal_code === active);
  const revocable = chosen?.state === "enrolled";
  useKeys({
    add: () => setOpen({ code: "" }),
    revoke: revocable && (() => setRevoking(true)),
  });
  const columns = useMemo<Column<TerminalView>[]>(
    () => [
      { id: "code", header: t.code, width: 90, cell: (row) => row.terminal_code },
      { id: "state", header: t.state, width: 120, cell: (row) => <StateTag tone={TONES[row.state]}>{t.states[row.state]}</StateTag> },
      { id: "lease", header: t.lease, width: 120, cell: (row) => (row.lease_ends_at === null ? "–" : formatShort(row.lease_ends_at)) },
      { id: "contact", header: t.contact, width: 120, cell: (row) => (row.contact === null ? t.never : formatShort(row.contact.at)) },
      { id: "version", header: t.version, width: 90, cell: (row) => (row.contact === null ? "–" : row.contact.version || t.noVersion) },
      { id: "unsynced", header: t.unsynced, width: 190, cell: (row) => (row.contact === null ? "–" : t.asOf(row.contact.unsynced, formatShort(row.contact.at))) },
      { id: "review", header: t.underReview, width: 110, align: "end", cell: (row) => row.under_review },
      {
        id: "incarnation",
        header: t.incarnation,
        width: 150,
        grow: true,
        cell: (row) =>
          [row.incarnation === 0 ? "" : t.incarnationOf(row.incarnation, row.number_code), row.code_ends_at === null ? "" : t.codeEnds(formatShort(row.code_ends_at))].filter(Boolean).join(" · "),
      },
    ],
    [t],
  );
  return (
    <Stack>
      {read.error === null ? null : <ErrorPanel title={read.error.why.code === "unreachable" ? t.offline : errorText(read.error.why)} code={read.error.why.code} />}
      <Head>
        <Actions>
          <Button tone="primary" chord={KEYS.add.chord} onClick={() => runAction("add")} data-testid="terminal-add">
            {t.add}
          </Button>
          <Button disabled={chosen === undefined} onClick={() => chosen !== undefined && setOpen({ code: chosen.terminal_code })} data-testid="terminal-again">
            {t.again}
          </Button>
          <Button tone="bad" chord={KEYS.revoke.chord} disabled={!revocable} onClick={() => runAction("revoke")} data-testid="terminal-revoke">
            {t.revoke}
          </Button>
        </Actions>
      </Head>
      <Panel title={t.terminals} count={rows.length}>
        <DataGrid
          label={t.terminals}
          rows={rows}
          columns={columns}
          rowKey={(row) => row.terminal_code}
          rowData={(row) => ({ "data-testid": "terminal-row", "data-state": row.state, "data-terminal": row.terminal_code })}
          onActive={(row) => row !== null && setActive(row.terminal_code)}
          autoFocus
          empty={null}
        />
      </Panel>
      <TerminalHistory changes={read.data?.changes ?? []} />
      {open === null ? null : <CodeDialog code={open.code} onClose={() => setOpen(null)} />}
      {revoking && chosen !== undefined ? <RevokeDialog terminal={chosen} onClose={() => setRevoking(false)} /> : null}
    </Stack>
  );
}

function CodeDialog({ code: begin, onClose }: { code: string; onClose: () => void }) {
  const t = useT(terminalMessages);
  const [code, setCode] = useState(begin);
  const [issued, setIssued] = useState<IssuedCode | null>(null);
  const make = useAct("terminal_code");
  const ready = code.trim() !== "" && !make.busy;
  const go = async (): Promise<void> => {
    if (issued !== null) return onClose();
    if (!ready) return;
    const done = await make.run({ terminal_code: code });
    if (done !== null) setIssued(done.issued);
  };
  return (
    <Dialog
      key={issued === null ? "ask" : "issued"}
      title={issued === null ? t.addTitle : t.issued(issued.terminal_code)}
      onClose={onClose}
      onConfirm={() => void go()}
      actions={
        issued === null ? (
          <>
            <Button chord="Escape" onClick={onClose}>
              {t.back}
            </Button>
            <Button tone="primary" chord="Enter" busy={make.busy} disabled={!ready} onClick={() => void go()} data-testid="terminal-code-go">
              {t.give}
            </Button>
          </>
        ) : (
          <Button tone="primary" chord="Enter" onClick={onClose} data-testid="terminal-code-close">
            {t.close}
          </Button>
        )
      }
    >
      {issued === null ? (
        <TextField label={t.code} hint={t.codeHint} required maxLength={3} value={code} onChange={(text) => setCode(text.toUpperCase())} testId="terminal-code" />
      ) : (
        <>
          <h1 data-testid="issued-code">{issued.code}</h1>
          <Quiet>{t.issuedNote(formatDateTime(issued.ends_at))}</Quiet>
        </>
      )}
    </Dialog>
  );
}

function RevokeDialog({ terminal, onClose }: { terminal: TerminalView; onClose: () => void }) {
  const t = useT(terminalMessages);
  const revoke = useAct("terminal_revoke");
  const { terminal_code, contact } = terminal;
  const go = async (reason: string): Promise<void> => {
    if ((await revoke.run({ terminal_code, reason })) === null) return;
    say("info", t.revoked(terminal_code));
    onClose();
  };
  return (
    <ReasonDialog
      title={t.revokeTitle(terminal_code)}
      words={{ reason: t.reason, back: t.back, go: t.revoke }}
      busy={revoke.busy}
      onGo={(reason) => void go(reason)}
      onClose={onClose}
      testId="terminal-revoke"
    >
      <Facts
        facts={[
          {
            label: t.unsynced,
            value: contact === null ? t.revokeSilent : t.revokeUnsynced(contact.unsynced, formatDateTime(contact.at)),
            testId: "revoke-unsynced",
          },
        ]}
      />
      <Quiet>{t.revokeNote}</Quiet>
    </ReasonDialog>
  );
}

/** Every act about terminals and work under review, with author, before and after. */
function TerminalHistory({ changes }: { changes: readonly TerminalChange[] }) {
  const t = useT(terminalMessages);
  const w = useT(words);
  const columns = useMemo<Column<TerminalChange>[]>(
    () => [
      { id: "at", header: t.at, width: 150, cell: (row) => formatDateTime(row.at) },
      { id: "who", header: t.who, width: 110, cell: (row) => row.staff_name },
      { id: "act", header: t.act, width: 130, cell: (row) => t.acts[row.act] },
      { id: "about", header: t.about, width: 230, cell: (row) => [row.terminal_code, row.kind === "" ? "" : kindText(w, row.kind), row.subject].filter(Boolean).join(" · ") },
      { id: "before", header: t.before, width: 120, cell: (row) => wordText(t, row.before) },
      { id: "after", header: t.after, width: 150, cell: (row) => wordText(t, row.after) },
      { id: "reason", header: t.reason, width: 160, grow: true, cell: (row) => row.reason },
    ],
    [t, w],
  );
  return (
    <Panel title={t.history} count={changes.length}>
      <DataGrid
        label={t.history}
        rows={changes}
        columns={columns}
        rowKey={(row) => `${row.at} ${row.act} ${row.terminal_code} ${row.subject} ${row.kind}`}
        rowData={() => ({ "data-testid": "terminal-change" })}
        empty={<EmptyState title={t.noHistory} />}
      />
    </Panel>
  );
}
