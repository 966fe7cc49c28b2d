/// Who works here: the list, somebody new, changes, and what became of changes made meanwhile.
import { useMemo, useState } from "react";
import { useAct } from "../../app/act";
import type { Config, Department, OwnStaffChange, Role, StaffEntry, StaffMember, StaffTerms } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { Dialog } from "../../components/Dialog";
import { EmptyState } from "../../components/EmptyState";
import { Actions, Facts, Head, Panel, Stack } from "../../components/Page";
import { Segments } from "../../components/Segments";
import { Select } from "../../components/Select";
import { StateTag } from "../../components/StateTag";
import { TextField } from "../../components/TextField";
import { say } from "../../components/toast";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime } from "../../i18n/time";
import { words } from "../../i18n/words";
import { Import } from "./Import";
import { staffMessages } from "./staffMessages";

const ROLES = ["sales", "finance", "finance_lead", "admin"] as const satisfies readonly Role[];
/** No department among the ones to choose from. */
const NONE = "";
const NEW: StaffTerms = { name: "", role: "sales", department: null, active: true };

/** What was decided about somebody, in words. */
function useTermsText(departments: readonly Department[]): (terms: StaffTerms) => string {
  const t = useT(staffMessages);
  const w = useT(words);
  return ({ name, role, department, active }) => {
    const where = departments.find((one) => one.id === department)?.name ?? t.noDepartment;
    return [name, w.roles[role], where, active ? t.active : t.left].join(" · ");
  };
}

export function Staff({ config }: { config: Config }) {
  const t = useT(staffMessages);
  const w = useT(words);
  const read = useRead("staff_members", {});
  const [open, setOpen] = useState<StaffMember | "new" | null>(null);
  const { departments } = config;
  const rows = read.data?.members ?? [];
  const columns = useMemo<Column<StaffMember>[]>(
    () => [
      { id: "name", header: t.name, width: 160, grow: true, cell: ({ terms }) => terms.name },
      { id: "role", header: t.role, width: 140, cell: ({ terms }) => w.roles[terms.role] },
      { id: "department", header: t.department, width: 180, cell: ({ terms }) => departments.find((one) => one.id === terms.department)?.name ?? "–" },
      { id: "state", header: t.state, width: 120, cell: ({ terms, has_pin }) => (terms.active && !has_pin ? <StateTag tone="warn">{t.noPin}</StateTag> : <StateTag tone={terms.active ? "ok" : "none"}>{terms.active ? t.active : t.left}</StateTag>) },
    ],
    [t, w, departments],
  );
  return (
    <Stack>
      {read.data?.own.map((own) => (
        <Own key={own.op} own={own} held={rows.find((one) => one.id === own.staff)} departments={departments} />
      ))}
      <Head>
        <Actions>
          <Button tone="primary" onClick={() => setOpen("new")} data-testid="staff-add">
            {t.add}
          </Button>
          <Import kind="staff" />
        </Actions>
      </Head>
      <Panel title={t.staff} count={rows.length}>
        <DataGrid
          label={t.staff}
          rows={rows}
          columns={columns}
          rowKey={(row) => row.id}
          rowData={(row) => ({ "data-testid": "staff-row", "data-staff": row.id })}
          onOpen={setOpen}
          autoFocus
          empty={null}
        />
      </Panel>
      {open === null ? null : <StaffDialog member={open === "new" ? null : open} departments={departments} onClose={() => setOpen(null)} />}
    </Stack>
  );
}

interface OwnProps {
  own: OwnStaffChange;
  held: StaffMember | undefined;
  departments: readonly Department[];
}

/** An own change that is not in force: it waits, or it was refused and both versions are shown. */
function Own({ own, held, departments }: OwnProps) {
  const t = useT(staffMessages);
  const text = useTermsText(departments);
  const save = useAct("staff_change");
  const keep = useAct("staff_keep");
  if (own.refused === null) {
    return (
      <Head>
        <StateTag tone="warn">{t.waitsFor(own.terms.name)}</StateTag>
      </Head>
    );
  }
  return (
    <Panel title={t.refused(own.terms.name, errorText(own.refused))}>
      <Facts
        facts={[
          { label: t.theirs, value: held === undefined ? "–" : text(held.terms), testId: "staff-theirs" },
          { label: t.mine, value: text(own.terms), testId: "staff-mine" },
        ]}
      />
      <Actions>
        {held === undefined ? null : (
          <Button busy={save.busy} onClick={() => void save.run({ staff: held.id, on: held.revision, terms: own.terms, pin: null })} data-testid="staff-take-mine">
            {t.takeMine}
          </Button>
        )}
        <Button busy={keep.busy} onClick={() => void keep.run({ op: own.op })} data-testid="staff-keep-theirs">
          {t.keepTheirs}
        </Button>
      </Actions>
    </Panel>
  );
}

interface DialogProps {
  member: StaffMember | null;
  departments: readonly Department[];
  onClose: () => void;
}

function StaffDialog({ member, departments, onClose }: DialogProps) {
  const t = useT(staffMessages);
  const w = useT(words);
  const [terms, setTerms] = useState<StaffTerms>(member?.terms ?? NEW);
  const [pin, setPin] = useState("");
  const save = useAct("staff_change");
  const ready = terms.name.trim() !== "" && (member !== null || pin !== "") && !save.busy;
  const go = async (): Promise<void> => {
    if (!ready) return;
    const known = departments.some((one) => one.id === terms.department);
    const done = await save.run({
      staff: member?.id ?? null,
      on: member?.revision ?? null,
      terms: { ...terms, department: known ? terms.department : null },
      pin: pin === "" ? null : pin,
    });
    if (done === null) return;
    if (done.own.length === 0) say("ok", t.saved(terms.name.trim()));
    onClose();
  };
  return (
    <Dialog
      title={member === null ? t.add : `${t.edit} · ${member.terms.name}`}
      onClose={onClose}
      onConfirm={() => void go()}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.back}
          </Button>
          <Button tone="primary" chord="Enter" busy={save.busy} disabled={!ready} onClick={() => void go()} data-testid="staff-save">
            {t.save}
          </Button>
        </>
      }
    >
      <TextField label={t.name} required maxLength={40} value={terms.name} onChange={(name) => setTerms({ ...terms, name })} testId="staff-name" />
      <Segments
        label={t.role}
        testId="staff-role"
        value={terms.role}
        onChange={(role) => setTerms({ ...terms, role })}
        segments={ROLES.map((value) => ({ value, label: w.roles[value] }))}
      />
      <Select
        label={t.department}
        value={terms.department ?? NONE}
        options={[{ value: NONE, label: t.noDepartment }, ...departments.map(({ id, name }) => ({ value: id, label: name }))]}
        onChange={(department) => setTerms({ ...terms, department: department === NONE ? null : department })}
      />
      <Segments
        label={t.state}
        testId="staff-state"
        value={terms.active ? "active" : "left"}
        onChange={(state) => setTerms({ ...terms, active: state === "active" })}
        segments={(["active", "left"] as const).map((value) => ({ value, label: t[value] }))}
      />
      <TextField
        label={member === null ? t.pinNew : t.pin}
        required={member === null}
        hint={member === null ? t.pinHint : `${t.pinHint} ${t.pinKeep}`}
        type="password"
        inputMode="numeric"
        autoComplete="new-password"
        maxLength={12}
        value={pin}
        onChange={setPin}
        testId="staff-pin"
      />
    </Dialog>
  );
}

/** Every change of staff with author, before and after. */
export function StaffHistory({ config }: { config: Config }) {
  const t = useT(staffMessages);
  const text = useTermsText(config.departments);
  const history = useRead("staff_history", {});
  const rows = history.data ?? [];
  const columns: Column<StaffEntry>[] = [
    { id: "at", header: t.at, width: 150, cell: ({ version }) => formatDateTime(version.at) },
    { id: "author", header: t.author, width: 110, cell: (row) => (row.author_name === "" ? t.operator : row.author_name) },
    { id: "whom", header: t.whom, width: 110, cell: ({ version }) => version.after.name },
    { id: "before", header: t.before, width: 240, cell: ({ version }) => (version.before === null ? "–" : text(version.before)) },
    { id: "after", header: t.after, width: 240, grow: true, cell: ({ version }) => [text(version.after), version.pin_reset ? t.pinReset : ""].filter(Boolean).join(" · ") },
  ];
  return (
    <Panel title={t.history} count={rows.length}>
      <DataGrid
        label={t.history}
        rows={rows}
        columns={columns}
        rowKey={(row) => row.version.op}
        rowData={() => ({ "data-testid": "staff-version" })}
        empty={history.data === undefined ? null : <EmptyState title={t.noHistory} />}
      />
    </Panel>
  );
}
