/// The typed way to the core. The command map is generated, so a command that isn't there, or an
/// input of the wrong shape, fails `tsc`. A write answers with what it changed; the reads that show
/// that are dropped, and no screen has to guess which.
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isWireError, platform } from "../platform";
import type { Code, Commands, Tag } from "./generated";

export type Command = keyof Commands;
export type Input<C extends Command> = Commands[C]["input"];
export type Output<C extends Command> = Commands[C]["output"];

/** Every answer; reads change nothing. */
export interface Answer<T> {
  value: T;
  changed: Tag[];
}

/** The core's codes, and the one that arises on the way to it. */
export type ErrorCode = Code | { code: "bridge_unreachable" };

/** A command that was refused or failed: text is made from the code, by `i18n/errors`. */
export class CommandError extends Error {
  readonly why: ErrorCode;

  constructor(why: ErrorCode) {
    super(why.code);
    this.name = "CommandError";
    this.why = why;
  }
}

/** Runs a command. Rejects with a `CommandError` and nothing else. */
export async function call<C extends Command>(cmd: C, input: Input<C>): Promise<Answer<Output<C>>> {
  try {
    return (await platform.invoke(cmd, input)) as Answer<Output<C>>;
  } catch (error) {
    if (isWireError(error)) throw new CommandError(error as ErrorCode);
    throw new CommandError({ code: "internal", params: { trace: String(error) } });
  }
}

/**
 * The cache over the core. Data is fresh until a tag says otherwise; the core is local, so there is
 * nothing to retry and no network state to wait for.
 */
export function createQueryClient(): QueryClient {
  // Locked behind the window's back (another window, a restart of the core): ask who is here now.
  const onError = (error: unknown): void => {
    if (error instanceof CommandError && error.why.code === "locked") void invalidate(client, ["session"]);
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: false,
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
  return client;
}

/** Drops exactly the reads that show one of these tags. */
export async function invalidate(client: QueryClient, tags: readonly string[]): Promise<void> {
  if (tags.length === 0) return;
  const changed = new Set(tags);
  const predicate = ({ meta }: { meta: Record<string, unknown> | undefined }): boolean =>
    Array.isArray(meta?.provides) && meta.provides.some((tag: string) => changed.has(tag));
  // A first fetch under way would be kept, and its answer may be from before the change.
  const asking = client
    .getQueryCache()
    .findAll({ predicate })
    .filter(({ state }) => state.fetchStatus === "fetching" && state.data === undefined);
  await Promise.all(asking.map((query) => query.cancel({ silent: true })));
  await client.invalidateQueries({ predicate });
}

/** Changes that this window didn't make: sync, settlement, another window. */
export function followChanges(client: QueryClient): () => void {
  return platform.subscribe((tags) => void invalidate(client, tags));
}
