/// The departments and the policies: parts of the one draft of the configuration.
import { useState } from "react";
import type { Config, Department } from "../../api/generated";
import { Button } from "../../components/Button";
import { MoneyField } from "../../components/MoneyField";
import { Actions, Form, Quiet } from "../../components/Page";
import { Select } from "../../components/Select";
import { TextField } from "../../components/TextField";
import { useT } from "../../i18n";
import { Switch } from "./parts";
import { staffMessages } from "./staffMessages";

interface Props {
  draft: Config;
  change: (draft: Config) => void;
}

/** The top of the tree among the parents to choose from. */
const TOP = "";

export function Departments({ draft, change }: Props) {
  const t = useT(staffMessages);
  const { departments } = draft;
  const set = (next: Department[]): void => change({ ...draft, departments: next });
  const put = (next: Department): void => set(departments.map((one) => (one.id === next.id ? next : one)));
  // What belonged to a removed one moves up to where that one was.
  const remove = ({ id, parent }: Department): void =>
    set(departments.filter((one) => one.id !== id).map((one) => (one.parent === id ? { ...one, parent } : one)));
  return (
    <Form label={t.department}>
      {departments.length === 0 ? <Quiet>{t.noDepartments}</Quiet> : <Quiet>{t.departmentNote}</Quiet>}
      {departments.map((one) => (
        <Form key={one.id} label={one.name}>
          <TextField label={t.departmentName} required maxLength={40} value={one.name} onChange={(name) => put({ ...one, name })} testId="department-name" />
          <Select
            label={t.parent}
            value={one.parent ?? TOP}
            options={[{ value: TOP, label: t.top }, ...departments.filter((other) => other.id !== one.id).map(({ id, name }) => ({ value: id, label: name }))]}
            onChange={(parent) => put({ ...one, parent: parent === TOP ? null : parent })}
          />
          <Actions>
            <Button tone="quiet" onClick={() => remove(one)} data-testid="department-remove">
              {t.remove}
            </Button>
          </Actions>
        </Form>
      ))}
      <Actions>
        <Button onClick={() => set([...departments, { id: crypto.randomUUID(), name: "", parent: null }])} data-testid="department-add">
          {t.addDepartment}
        </Button>
      </Actions>
    </Form>
  );
}

export function Policies({ draft, change }: Props) {
  const t = useT(staffMessages);
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Form label={t.lease}>
      <MoneyField
        label={t.proofLimit}
        hint={t.proofLimitNote}
        value={draft.offline_proof_limit_fen}
        onChange={(fen) => change({ ...draft, offline_proof_limit_fen: fen ?? "0" })}
        testId="proof-limit"
      />
      <Switch label={t.priceFloor} hint={t.priceFloorNote} on={draft.price_floor} onChange={(price_floor) => change({ ...draft, price_floor })} testId="price-floor" />
      <Switch label={t.creditBlock} hint={t.creditBlockNote} on={draft.credit_block} onChange={(credit_block) => change({ ...draft, credit_block })} testId="credit-block" />
      <TextField
        label={t.lease}
        hint={t.leaseNote}
        inputMode="numeric"
        value={typed ?? String(draft.lease_hours)}
        onChange={(text) => {
          setTyped(text);
          change({ ...draft, lease_hours: /^\d{1,4}$/.test(text.trim()) ? Number(text) : 0 });
        }}
        onBlur={() => setTyped(null)}
        testId="lease-hours"
      />
    </Form>
  );
}
