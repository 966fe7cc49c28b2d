/// Ctrl+K: go anywhere, do anything that works here, find any document. The finder comes from
/// outside, so that the shell needs to know no noun.
import { Dialog } from "../components/Dialog";
import { KeyHint } from "../components/KeyHint";
import { SearchBox } from "../components/SearchBox";
import { useT } from "../i18n";
import { type Action, KEYS, runAction } from "./keys";
import { messages } from "./messages";
import styles from "./Palette.module.css";
import { navigate, type ScreenName } from "./router";

export interface PaletteItem {
  key: string;
  title: string;
  /** What kind of thing it is. */
  kind: string;
  detail?: string;
  chord?: string;
  run: () => void;
}

interface Props {
  active: readonly Action[];
  screens: readonly (ScreenName | null)[];
  find: (text: string, signal: AbortSignal) => Promise<readonly PaletteItem[]>;
  onClose: () => void;
}

export function Palette({ active, screens, find, onClose }: Props) {
  const t = useT(messages);
  const fixed: PaletteItem[] = [
    ...screens
      .filter((screen) => screen !== null)
      .map((screen) => ({ key: `go-${screen}`, title: t.screens[screen], kind: t.go, run: () => navigate(screen, {}) })),
    ...active
      .filter((action) => action !== "search" && action !== "back")
      .map((action) => ({
        key: `do-${action}`,
        title: t.actions[action],
        kind: t.act,
        chord: KEYS[action].chord,
        run: () => void runAction(action),
      })),
  ];
  const source = async (text: string, signal: AbortSignal): Promise<readonly PaletteItem[]> => {
    const wanted = text.trim().toLowerCase();
    const here = fixed.filter((item) => item.title.toLowerCase().includes(wanted));
    return wanted === "" ? here : [...here, ...(await find(text, signal))];
  };
  return (
    <Dialog title={t.actions.search} onClose={onClose} size="wide">
      <SearchBox
        label={t.searchHere}
        placeholder={t.searchHere}
        source={source}
        itemKey={(item) => item.key}
        renderItem={(item) => (
          <>
            <span className={styles.kind}>{item.kind}</span>
            <span>{item.title}</span>
            <span className={styles.detail}>{item.detail}</span>
            {item.chord === undefined ? null : <KeyHint chord={item.chord} />}
          </>
        )}
        onPick={(item) => {
          onClose();
          // After the dialog has left, so that the screen's keys are on again.
          setTimeout(item.run);
        }}
        emptyText={t.searchNothing}
        openOnFocus
        inline
        autoFocus
        size="large"
      />
    </Dialog>
  );
}
