/// What the console's sections share: a switch with its label, and two versions laid side by side.
import { useMemo } from "react";
import type { Config } from "../../api/generated";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { Field } from "../../components/Field";
import { Actions } from "../../components/Page";
import { useT } from "../../i18n";
import { words } from "../../i18n/words";
import { type Difference, differences } from "./describe";
import { messages } from "./messages";

interface SwitchProps {
  label: string;
  hint?: string;
  on: boolean;
  onChange: (on: boolean) => void;
  testId: string;
}

export function Switch({ label, hint, on, onChange, testId }: SwitchProps) {
  const t = useT(messages);
  return (
    <Field label={label} hint={hint}>
      {(ids) => (
        <Actions>
          <Button {...ids} role="switch" aria-checked={on} tone={on ? "primary" : "plain"} onClick={() => onChange(!on)} data-testid={testId}>
            {on ? t.on : t.off}
          </Button>
        </Actions>
      )}
    </Field>
  );
}

interface CompareProps {
  before: Config;
  after: Config;
  heads: { before: string; after: string };
}

export function Compare({ before, after, heads }: CompareProps) {
  const t = useT(messages);
  const w = useT(words);
  const rows = useMemo(() => differences(t, w, before, after), [t, w, before, after]);
  const columns = useMemo<Column<Difference>[]>(
    () => [
      { id: "what", header: t.compare.what, width: 280, grow: true, cell: (row) => row.what },
      { id: "before", header: heads.before, width: 200, cell: (row) => row.before },
      { id: "after", header: heads.after, width: 200, cell: (row) => row.after },
    ],
    [t, heads.before, heads.after],
  );
  return (
    <DataGrid
      label={`${heads.before} / ${heads.after}`}
      rows={rows}
      columns={columns}
      rowKey={(row) => row.what}
      rowData={(row) => ({ "data-testid": "difference", "data-before": row.before, "data-after": row.after })}
      empty={<EmptyState title={t.same} />}
    />
  );
}
