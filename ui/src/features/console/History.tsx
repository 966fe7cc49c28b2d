/// Every version of the configuration, what each changed, and the way back: a restored version is a
/// new one with the old content.
import { useMemo, useState } from "react";
import type { ConfigEntry, ConfigVersion } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { type Column, DataGrid } from "../../components/DataGrid";
import { EmptyState } from "../../components/EmptyState";
import { Actions, Panel, Quiet, Stack } from "../../components/Page";
import { StateTag } from "../../components/StateTag";
import { useT } from "../../i18n";
import { formatDateTime } from "../../i18n/time";
import { words } from "../../i18n/words";
import { CatalogueHistory } from "./CatalogueOwn";
import { differences } from "./describe";
import { messages } from "./messages";
import { Compare } from "./parts";
import { StaffHistory } from "./Staff";

interface Props {
  current: ConfigVersion;
  busy: boolean;
  onRestore: (entry: ConfigEntry) => void;
}

export function History({ current, busy, onRestore }: Props) {
  const t = useT(messages);
  const w = useT(words);
  const history = useRead("config_history", {});
  const [active, setActive] = useState<number | null>(null);
  const rows = useMemo(() => history.data ?? [], [history.data]);
  const before = (version: number): ConfigEntry | undefined => rows.find((row) => row.version.version === version - 1);
  const columns = useMemo<Column<ConfigEntry>[]>(() => {
    const changed = (row: ConfigEntry): string => {
      const then = rows.find((one) => one.version.version === row.version.version - 1);
      if (then === undefined) return t.setUp;
      return differences(t, w, then.version.config, row.version.config)
        .map((one) => `${one.what}: ${one.after}`)
        .join("; ");
    };
    return [
      { id: "version", header: t.columns.version, width: 90, cell: (row) => (row.version.version === current.version ? <StateTag tone="ok">{`${row.version.version} ${t.inForce}`}</StateTag> : row.version.version) },
      { id: "at", header: t.columns.at, width: 150, cell: (row) => formatDateTime(row.version.at) },
      { id: "author", header: t.columns.author, width: 110, cell: (row) => (row.author_name === "" ? t.setUp : row.author_name) },
      { id: "what", header: t.columns.what, width: 300, grow: true, cell: changed },
    ];
  }, [rows, current, t, w]);
  const chosen = rows.find((row) => row.version.version === active);
  const then = chosen === undefined ? undefined : before(chosen.version.version);
  return (
    <Stack>
      <Panel title={t.section.history} count={rows.length}>
        <DataGrid
          label={t.section.history}
          rows={rows}
          columns={columns}
          rowKey={(row) => String(row.version.version)}
          rowData={(row) => ({ "data-testid": "config-version", "data-version": String(row.version.version) })}
          onActive={(row) => row !== null && setActive(row.version.version)}
          autoFocus
          empty={history.data === undefined ? null : <EmptyState title={t.noHistory} />}
        />
      </Panel>
      {chosen === undefined || then === undefined ? null : (
        <Panel title={t.columns.what}>
          <Compare before={then.version.config} after={chosen.version.config} heads={t.compare} />
        </Panel>
      )}
      {chosen === undefined || chosen.version.version === current.version ? null : (
        <Actions>
          <Button busy={busy} onClick={() => onRestore(chosen)} data-testid="restore">
            {t.restore}
          </Button>
          <Quiet>{t.restoreNote}</Quiet>
        </Actions>
      )}
      <StaffHistory config={current.config} />
      <CatalogueHistory />
    </Stack>
  );
}
