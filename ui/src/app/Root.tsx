/// Which of the worlds the window shows: the core can't work, not enrolled, locked, or the shell.
/// Everything it decides by is the core's word.
import { useEffect } from "react";
import type { Permission, SessionView, StaffRow } from "../api/generated";
import { useRead } from "../api/hooks";
import { call } from "../api/client";
import { say, Toasts } from "../components/toast";
import { Screen } from "../features/Screen";
import { CannotWork } from "../features/staff/CannotWork";
import { NotEnrolled } from "../features/staff/NotEnrolled";
import { Unlock } from "../features/staff/Unlock";
import { textOf, useT } from "../i18n";
import { formatMoney } from "../money";
import { useAct } from "./act";
import { App } from "./App";
import { messages } from "./messages";
import type { PaletteItem } from "./Palette";
import { navigate, type ScreenName } from "./router";
import { adoptSettings } from "./settings";

export function Root() {
  const t = useT(messages);
  const session = useRead("session_state", {});
  const settings = useRead("settings_get", {});
  useEffect(() => {
    if (settings.data !== undefined) adoptSettings(settings.data);
  }, [settings.data]);

  return (
    <>
      {session.error !== null ? (
        <CannotWork why={session.error.why} onRetry={() => void session.refetch()} />
      ) : session.data === undefined ? null : !session.data.enrolled ? (
        <NotEnrolled />
      ) : session.data.staff === null ? (
        <Unlock session={session.data} />
      ) : (
        <Inside key={session.data.staff.id} session={session.data} staff={session.data.staff} />
      )}
      <Toasts closeLabel={t.close} />
    </>
  );
}

/** In the order of the navigation; null separates groups. A screen needs its permission, if it has one. */
const SCREENS: readonly (readonly [ScreenName, Permission?] | null)[] = [
  ["today"],
  ["order-entry", "order_create"],
  ["orders"],
  ["collections"],
  ["deposits"],
  ["distributors"],
  null,
  ["sync"],
  ["finance", "collection_confirm"],
  ["console", "configure"],
];

function Inside({ session, staff }: { session: SessionView; staff: StaffRow }) {
  const may = (permission: Permission): boolean => session.permissions.includes(permission);
  const sync = useRead("sync_status", {});
  const finance = may("collection_confirm");
  const review = useRead(
    "collection_list",
    { under_review_only: true, distributor: null, before: null, limit: 100 },
    { enabled: finance },
  );
  const refunds = useRead("refund_list", { waiting_only: true, before: null, limit: 100 }, { enabled: may("refund_approve") });
  const matches = useRead("match_list", { waiting_only: true, before: null, limit: 100 }, { enabled: may("match_money_approve") });
  const lock = useAct("lock");
  const screens = SCREENS.filter((entry) => entry === null || entry[1] === undefined || may(entry[1])).map(
    (entry) => entry?.[0] ?? null,
  );
  return (
    <App
      sync={sync.data ?? null}
      leaseEnded={session.lease_ended}
      staff={staff.name}
      terminal={session.terminal_code}
      screens={screens}
      badges={{
        sync: { count: (sync.data?.pending ?? 0) + (sync.data?.attention ?? 0), bad: (sync.data?.attention ?? 0) > 0 },
        finance: { count: (review.data?.filter((row) => row.collection.method !== "deposit").length ?? 0) + (refunds.data?.length ?? 0) + (matches.data?.length ?? 0) },
      }}
      renderScreen={(route) => <Screen route={route} session={session} />}
      find={find}
      onLock={() => void lock.run({})}
      onScan={claim}
    />
  );
}

const ORDER_NUMBER = /^[A-Z0-9]{2,8}-\d{6}-\d+$/i;

/** A code that no screen claimed: an order's number opens it, anything else says where it belongs. */
function claim(code: string): void {
  if (ORDER_NUMBER.test(code)) {
    void orders(code).then((found) => {
      const [first] = found;
      if (first !== undefined) navigate("orders", { order: first.id });
    });
  } else {
    say("info", textOf(messages).scannedHere(code));
  }
}

async function orders(query: string) {
  const input = { scenario: "all" as const, payment_states: [], distributor: null, query, conditions: [], before: null, limit: 8 };
  return (await call("order_list", input)).value;
}

async function find(text: string): Promise<readonly PaletteItem[]> {
  const [people, documents] = await Promise.all([
    call("distributor_search", { query: text, limit: 8 }).then(({ value }) => value),
    orders(text),
  ]);
  const { screens } = textOf(messages);
  return [
    ...people.map((row) => ({
      key: row.id,
      title: row.name,
      kind: screens.distributors,
      detail: row.code,
      run: () => navigate("distributors", { distributor: row.id }),
    })),
    ...documents.map((row) => ({
      key: row.id,
      title: `${row.number} ${row.distributor_name}`,
      kind: screens.orders,
      detail: formatMoney(row.total_fen),
      run: () => navigate("orders", { order: row.id }),
    })),
  ];
}
