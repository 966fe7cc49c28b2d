/// Who is at the terminal. Outside the scanner's reach, so that a PIN typed fast stays a PIN. A wrong
/// PIN costs time; the core counts it, also over restarts.
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { resetRoute } from "../../app/router";
import { useAct } from "../../app/act";
import { onKey } from "../../app/keys";
import type { Command } from "../../api/client";
import { commands, type SessionView, type StaffId } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { Button } from "../../components/Button";
import { clearToasts } from "../../components/toast";
import { TextField } from "../../components/TextField";
import { useT } from "../../i18n";
import { errorText } from "../../i18n/errors";
import { formatDateTime } from "../../i18n/time";
import { words } from "../../i18n/words";
import { Door } from "./Door";
import styles from "./Door.module.css";
import { messages } from "./messages";

/** Whoever was here last in this sitting; somebody else begins at the beginning. */
let last: StaffId | null = null;

export function Unlock({ session }: { session: SessionView }) {
  const t = useT(messages);
  const w = useT(words);
  const client = useQueryClient();
  const staff = useRead("staff_list", {});
  const unlock = useAct("unlock", { quiet: true });
  const [chosen, setChosen] = useState<StaffId | null>(last);
  const [pin, setPin] = useState("");
  const [wait, setWait] = useState(0);
  const field = useRef<HTMLInputElement>(null);

  // What the one before had on screen is not for the next one's eyes.
  useEffect(() => {
    clearToasts();
    client.removeQueries({ predicate: ({ queryKey }) => commands[queryKey[0] as Command]?.access !== "anybody" });
  }, [client]);

  // At the PIN for whoever was here last, else at the first name.
  const found = staff.data !== undefined;
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (found) (last === null ? first : field).current?.focus();
  }, [found]);

  useEffect(() => {
    const seconds = unlock.refused?.code === "wrong_pin" ? unlock.refused.params.wait_s : 0;
    setWait(seconds);
    if (seconds === 0) return undefined;
    const tick = setInterval(() => setWait((left) => Math.max(0, left - 1)), 1_000);
    return () => clearInterval(tick);
  }, [unlock.refused]);

  const rows = staff.data ?? [];
  const who = rows.find((person) => person.id === chosen) ?? (rows.length === 1 ? rows[0] : undefined);
  const ready = who !== undefined && pin !== "" && wait === 0;

  const go = async (): Promise<void> => {
    if (!ready) return;
    if (last !== who.id) resetRoute();
    const before = last;
    last = who.id;
    const done = await unlock.run({ staff: who.id, pin });
    if (done !== null) return;
    last = before;
    setPin("");
    field.current?.focus();
  };

  return (
    <Door title={t.unlockTitle} testId="unlock">
      <p className={styles.seller}>
        {session.seller} · {session.terminal_code} ·{" "}
        {session.lease_ended ? t.leaseEnded : t.lease(formatDateTime(session.lease_expires_at))}
      </p>
      {staff.data?.length === 0 ? <p>{t.noStaff}</p> : null}
      <div role="radiogroup" aria-label={t.whoAreYou} className={styles.staff}>
        {rows.map((person, at) => (
          <label key={person.id} className={styles.person}>
            <input
              ref={at === 0 ? first : undefined}
              type="radio"
              name="staff"
              data-testid={`unlock-staff-${person.name}`}
              checked={person.id === who?.id}
              onChange={() => setChosen(person.id)}
              onClick={() => field.current?.focus()}
              onKeyDown={onKey({ Enter: () => field.current?.focus() })}
            />
            <span>
              {person.name}
              <small>{w.roles[person.role]}</small>
            </span>
          </label>
        ))}
      </div>
      <div className={styles.pin}>
        <TextField
          label={t.pin}
          type="password"
          inputMode="numeric"
          autoComplete="current-password"
          value={pin}
          onChange={setPin}
          onEnter={() => void go()}
          error={unlock.refused === null ? null : errorText(unlock.refused)}
          testId="unlock-pin"
          inputRef={field}
        />
        <Button tone="primary" busy={unlock.busy} disabled={!ready || unlock.busy} onClick={() => void go()} data-testid="unlock-go">
          {wait > 0 ? t.wait(wait) : t.unlock}
        </Button>
      </div>
    </Door>
  );
}
