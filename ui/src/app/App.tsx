/// The staff window: shell, the screen the route names, and what lies over every screen.
import { type ReactNode, useEffect, useState } from "react";
import type { SyncView } from "../api/generated";
import { Button } from "../components/Button";
import { ErrorPanel } from "../components/ErrorPanel";
import { clearScanToasts, sayBadScan } from "../components/toast";
import { useT } from "../i18n";
import { type Action, activeActions, useKeys } from "./keys";
import { KeySheet } from "./KeySheet";
import { messages } from "./messages";
import { Palette, type PaletteItem } from "./Palette";
import { goBack, navigate, newOrder, type Route, type ScreenName, useRoute } from "./router";
import { useScan } from "./scanner";
import { ScreenBoundary } from "./ScreenBoundary";
import { Shell } from "./Shell";

interface Props {
  sync: SyncView | null;
  leaseEnded: boolean;
  staff: string;
  terminal: string;
  screens: readonly (ScreenName | null)[];
  badges?: Partial<Record<ScreenName, { count: number; bad?: boolean }>>;
  renderScreen: (route: Route) => ReactNode;
  find: (text: string, signal: AbortSignal) => Promise<readonly PaletteItem[]>;
  onLock: () => void;
  /** A code that no screen claimed. */
  onScan: (code: string) => void;
}

type Over = { kind: "help" | "search"; active: readonly Action[] };

export function App({ renderScreen, find, onLock, onScan, screens, ...frame }: Props) {
  const t = useT(messages);
  const route = useRoute();
  const [over, setOver] = useState<Over | null>(null);
  const open = (kind: Over["kind"]) => () => setOver({ kind, active: activeActions() });
  const close = (): void => setOver(null);

  useKeys(
    {
      help: open("help"),
      search: open("search"),
      newOrder,
      sync: () => navigate("sync", {}),
      lock: onLock,
      back: () => void goBack(),
    },
    "base",
  );
  useScan({ scanned: onScan, partial: (text) => sayBadScan(t.partialScan(text)) });
  useEffect(() => clearScanToasts, [route.screen]);

  return (
    <>
      <Shell screens={screens} {...frame}>
        <ScreenBoundary
          key={route.screen}
          fallback={(error, again) => (
            <ErrorPanel
              title={t.screenFailed}
              detail={t.screenFailedDetail}
              code={error.message}
              action={<Button onClick={again}>{t.tryAgain}</Button>}
            />
          )}
        >
          {renderScreen(route)}
        </ScreenBoundary>
      </Shell>
      {over?.kind === "help" ? <KeySheet active={over.active} onClose={close} /> : null}
      {over?.kind === "search" ? <Palette active={over.active} screens={screens} find={find} onClose={close} /> : null}
    </>
  );
}
