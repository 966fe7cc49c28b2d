/// Which orders the list shows and which columns it has: conditions, lists with a name, columns.
import { useRef, useState } from "react";
import type { Conditions, OrderListSetup, OrderScenario } from "../../api/generated";
import { useAct } from "../../app/act";
import { Button } from "../../components/Button";
import { ConditionBuilder, isComplete } from "../../components/ConditionBuilder";
import { Dialog } from "../../components/Dialog";
import { Actions } from "../../components/Page";
import { Filters } from "../../components/Segments";
import { TextField } from "../../components/TextField";
import { useT } from "../../i18n";
import { messages } from "./messages";
import { useOrderFields } from "./orderFields";

interface Props {
  conditions: Conditions;
  scenario: OrderScenario;
  setup: OrderListSetup;
  /** The named list that is open, or empty. */
  name: string;
  /** Columns that can be left out. */
  columns: readonly { id: string; header: string }[];
  onApply: (conditions: Conditions, name: string) => void;
  onClose: () => void;
}

export function OrderListDialog({ conditions: before, scenario, setup, name: open, columns, onApply, onClose }: Props) {
  const t = useT(messages);
  const fields = useOrderFields();
  const [conditions, setConditions] = useState(before);
  const [hidden, setHidden] = useState<readonly string[]>(setup.hidden_columns);
  const [name, setName] = useState(open);
  const save = useAct("order_list_set_up");
  const first = useRef<HTMLElement | null>(null);
  const complete = isComplete(conditions);

  const keep = async (saved: OrderListSetup["saved"]): Promise<boolean> =>
    (await save.run({ saved, hidden_columns: [...hidden] })) !== null;
  const apply = async (): Promise<void> => {
    if (!complete || save.busy) return;
    const same = hidden.join() === setup.hidden_columns.join();
    if (!same && !(await keep(setup.saved))) return;
    onApply(conditions, JSON.stringify(conditions) === JSON.stringify(before) ? open : "");
  };
  const saveAs = async (): Promise<void> => {
    const called = name.trim();
    if (!complete || called === "" || save.busy) return;
    const list = { name: called, scenario, conditions };
    const at = setup.saved.findIndex((one) => one.name === called);
    if (await keep(at < 0 ? [...setup.saved, list] : setup.saved.with(at, list))) onApply(conditions, called);
  };
  const remove = async (): Promise<void> => {
    if (await keep(setup.saved.filter((one) => one.name !== open))) onApply([], "");
  };
  return (
    <Dialog
      title={t.refine}
      size="wide"
      initialFocus={first}
      onClose={onClose}
      onConfirm={() => void apply()}
      actions={
        <>
          <Button chord="Escape" onClick={onClose}>
            {t.cancel}
          </Button>
          <Button tone="primary" chord="Enter" disabled={!complete || save.busy} busy={save.busy} onClick={() => void apply()} data-testid="apply-conditions">
            {t.apply}
          </Button>
        </>
      }
    >
      <div
        ref={(box) => {
          first.current ??= box?.querySelector<HTMLElement>("select, button") ?? null;
        }}
      >
        <ConditionBuilder fields={fields} value={conditions} onChange={setConditions} />
      </div>
      <Filters
        label={t.columnsShown}
        testId="column"
        values={columns.map(({ id }) => id).filter((id) => !hidden.includes(id))}
        onChange={(shown) => setHidden(columns.map(({ id }) => id).filter((id) => !shown.includes(id)))}
        segments={columns.map(({ id, header }) => ({ value: id, label: header }))}
      />
      <Actions>
        <TextField layout="row" label={t.savedName} value={name} onChange={setName} onEnter={() => void saveAs()} maxLength={40} testId="saved-name" />
        <Button disabled={!complete || name.trim() === "" || save.busy} onClick={() => void saveAs()} data-testid="save-list">
          {t.saveList}
        </Button>
        {open === "" ? null : (
          <Button tone="bad" disabled={save.busy} onClick={() => void remove()} data-testid="remove-list">
            {t.removeList(open)}
          </Button>
        )}
      </Actions>
    </Dialog>
  );
}
