/// A file of the company's own data: chosen, checked whole by the backend, and then taken or mended.
import { useEffect, useRef, useState } from "react";
import { useAct } from "../../app/act";
import type { ImportKind, ImportReport, Problem } from "../../api/generated";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { Panel, Quiet } from "../../components/Page";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { catalogueMessages } from "./catalogueMessages";
import { reasonText } from "./catalogueText";
import styles from "./Import.module.css";

interface Chosen {
  name: string;
  base64: string;
  report: ImportReport;
}

/** The button, and the dialog behind it. */
export function Import({ kind }: { kind: ImportKind }) {
  const t = useT(catalogueMessages);
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} data-testid="import">
        {t.importFile}
      </Button>
      {open ? <ImportDialog kind={kind} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

const base64Of = (file: File): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(String(reader.result).split(",")[1] ?? ""));
    reader.addEventListener("error", () => reject(reader.error ?? new Error(file.name)));
    reader.readAsDataURL(file);
  });

function ImportDialog({ kind, onClose }: { kind: ImportKind; onClose: () => void }) {
  const t = useT(catalogueMessages);
  const input = useRef<HTMLInputElement>(null);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const send = useAct("data_import");
  const look = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const base64 = await base64Of(file);
    const report = await send.run({ kind, name: file.name, file: base64, take: false });
    setChosen(report === null ? null : { name: file.name, base64, report });
  };
  const take = async (): Promise<void> => {
    if (chosen === null) return;
    const report = await send.run({ kind, name: chosen.name, file: chosen.base64, take: true });
    if (report === null) return;
    if (!report.taken) {
      // Something it rests on has gone since it was looked at.
      setChosen({ ...chosen, report });
      return;
    }
    say("ok", t.taken(chosen.name, report.counts.added, report.counts.changed));
    onClose();
  };
  const good = chosen !== null && chosen.report.problems.total === 0;
  const main = useRef<HTMLButtonElement>(null);
  // The button that was pressed has gone: the next one to press has the focus.
  useEffect(() => {
    if (good) main.current?.focus();
  }, [good]);
  const choose = (): void => input.current?.click();
  return (
    <Dialog
      title={t.importTitle[kind]}
      size="wide"
      onClose={onClose}
      onConfirm={() => (good ? void take() : choose())}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.back}
          </Button>
          {chosen === null ? null : (
            <Button disabled={send.busy} onClick={choose} data-testid="import-other">
              {t.chooseOther}
            </Button>
          )}
          {good ? (
            <Button ref={main} tone="primary" chord="Enter" busy={send.busy} onClick={() => void take()} data-testid="import-take">
              {t.take}
            </Button>
          ) : chosen === null ? (
            <Button tone="primary" chord="Enter" busy={send.busy} onClick={choose} data-testid="import-choose">
              {t.choose}
            </Button>
          ) : null}
        </>
      }
    >
      <input
        ref={input}
        type="file"
        accept=".csv,.txt,.tsv,.xlsx,.gz"
        className={styles.file}
        tabIndex={-1}
        aria-label={t.choose}
        data-testid="import-file"
        onChange={(event) => {
          void look(event.target.files?.[0]);
          // The same file may be chosen again once it is mended.
          event.target.value = "";
        }}
      />
      <Quiet>{t.importHint[kind]}</Quiet>
      <Quiet>{t.importRule}</Quiet>
      {chosen === null ? null : good ? (
        <p data-testid="import-good">
          {chosen.name} · {t.looksGood(chosen.report.counts.rows, chosen.report.counts.added, chosen.report.counts.changed)}
        </p>
      ) : (
        <Problems name={chosen.name} report={chosen.report} />
      )}
    </Dialog>
  );
}

function Problems({ name, report }: { name: string; report: ImportReport }) {
  const t = useT(catalogueMessages);
  const { problems, total } = report.problems;
  const columns: Column<Problem>[] = [
    { id: "row", header: t.row, width: 90, cell: (one) => (one.row === 0 ? t.wholeFile : one.row) },
    { id: "column", header: t.column, width: 130, cell: (one) => one.column },
    { id: "todo", header: t.todo, width: 300, grow: true, cell: (one) => reasonText(t, one.reason) },
  ];
  return (
    <div className={styles.problems}>
      <Panel title={`${name} · ${t.problems(total, problems.length)}`}>
        <DataGrid
          label={t.todo}
          rows={problems}
          columns={columns}
          rowKey={(one) => `${one.row} ${one.column} ${one.reason.reason}`}
          rowData={(one) => ({ "data-testid": "import-problem", "data-row": String(one.row) })}
          autoFocus
          empty={null}
        />
      </Panel>
    </div>
  );
}
