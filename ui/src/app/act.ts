/// What a screen does when somebody acts: run the command once, and say a refusal in words. A second
/// press while the first is under way is dropped: double clicks are how money gets sent twice.
import { useRef, useState } from "react";
import { type Command, CommandError, type ErrorCode, type Input, type Output } from "../api/client";
import { useWrite } from "../api/hooks";
import { say } from "../components/toast";
import { errorText } from "../i18n/errors";

export interface Act<C extends Command> {
  /** The output, or null when it was refused or is under way already. */
  run: (input: Input<C>) => Promise<Output<C> | null>;
  busy: boolean;
  refused: ErrorCode | null;
}

/** `quiet` leaves the refusal to the screen. */
export function useAct<C extends Command>(command: C, { quiet = false } = {}): Act<C> {
  const { mutateAsync } = useWrite(command);
  const under = useRef(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<ErrorCode | null>(null);

  const run = async (input: Input<C>): Promise<Output<C> | null> => {
    if (under.current) return null;
    under.current = true;
    setBusy(true);
    setRefused(null);
    try {
      return await mutateAsync(input);
    } catch (error) {
      const why: ErrorCode =
        error instanceof CommandError ? error.why : { code: "internal", params: { trace: String(error) } };
      setRefused(why);
      if (!quiet) say("bad", errorText(why));
      return null;
    } finally {
      under.current = false;
      setBusy(false);
    }
  };
  return { run, busy, refused };
}
