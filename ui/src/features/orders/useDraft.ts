/// One draft under the hands of a person who types faster than the disk answers. Edits name lines by
/// place, so they go one after another, and each is on disk before its result is shown.
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { CommandError, type ErrorCode, invalidate } from "../../api/client";
import type { DraftChange, DraftView } from "../../api/generated";
import { useAsk } from "../../api/hooks";
import { say } from "../../components/toast";
import { errorText } from "../../i18n/errors";

type WithoutOrder<C> = C extends unknown ? Omit<C, "order"> : never;
export type DraftEdit = WithoutOrder<DraftChange>;

export interface DraftSession {
  draft: DraftView | null;
  refused: ErrorCode | null;
  /** The draft after the change, or null when it was refused (and said so). */
  edit: (edit: DraftEdit) => Promise<DraftView | null>;
  /** The draft once everything typed so far is on disk. */
  settled: () => Promise<DraftView | null>;
}

const codeOf = (error: unknown): ErrorCode =>
  error instanceof CommandError ? error.why : { code: "internal", params: { trace: String(error) } };

export function useDraft(order: string | undefined, fresh: boolean): DraftSession {
  const client = useQueryClient();
  const call = useAsk();
  const [draft, setDraft] = useState<DraftView | null>(null);
  const [refused, setRefused] = useState<ErrorCode | null>(null);
  const newest = useRef<DraftView | null>(null);
  const queue = useRef<Promise<unknown>>(Promise.resolve());

  useEffect(() => {
    let here = true;
    const open = async (): Promise<void> => {
      try {
        const { value } = await call("draft_open", { order: order ?? null, fresh });
        if (!here) return;
        newest.current = value;
        setDraft(value);
      } catch (error) {
        if (here) setRefused(codeOf(error));
      }
    };
    queue.current = open();
    return () => {
      here = false;
    };
  }, [order, fresh, call]);

  const edit = useCallback(
    (change: DraftEdit): Promise<DraftView | null> => {
      const apply = async (): Promise<DraftView | null> => {
        const held = newest.current;
        if (held === null) return null;
        try {
          const { value, changed } = await call("draft_edit", { ...change, order: held.order } as DraftChange);
          newest.current = value;
          setDraft(value);
          void invalidate(client, changed);
          return value;
        } catch (error) {
          say("bad", errorText(codeOf(error)));
          return null;
        }
      };
      const next = queue.current.then(apply);
      queue.current = next;
      return next;
    },
    [client, call],
  );

  const settled = useCallback(async () => {
    await queue.current;
    return newest.current;
  }, []);

  return { draft, refused, edit, settled };
}
