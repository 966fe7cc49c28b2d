/// Reads and writes for screens. A read is keyed by command and input; a write invalidates what it
/// says it changed before its promise settles, so the screen never shows the old value after it.
import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import { createContext, useCallback, useContext } from "react";
import { call, type Command, type CommandError, type Input, invalidate, type Output } from "./client";
import { commands, type Timestamp } from "./generated";

/** Whom reads ask: the core, but a preview answers some of them as a draft would have it. */
export const Ask = createContext<typeof call>(call);
export const useAsk = (): typeof call => useContext(Ask);

interface ReadOptions {
  /** False while its input is not known yet. */
  enabled?: boolean;
  /** Keep the last rows on screen while a filter changes. */
  keep?: boolean;
}

export function useRead<C extends Command>(
  cmd: C,
  input: Input<C>,
  { enabled = true, keep = false }: ReadOptions = {},
): UseQueryResult<Output<C>, CommandError> {
  const ask = useAsk();
  return useQuery<Output<C>, CommandError>({
    queryKey: [cmd, input],
    queryFn: async () => (await ask(cmd, input)).value,
    meta: { provides: commands[cmd].tags },
    enabled,
    ...(keep ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Lists that the core gives newest first, by the page. */
type Paged = "order_list" | "collection_list" | "refund_list";
type RowOf<C extends Paged> = Output<C>[number];

export interface Pages<Row> {
  rows: readonly Row[];
  loading: boolean;
  error: CommandError | null;
  /** Asks for older rows, if there are any. */
  more: () => void;
}

const PAGE_ROWS = 100;

/** All pages so far; `at` is the time that a list is ordered by. */
export function usePages<C extends Paged>(
  cmd: C,
  input: Omit<Input<C>, "before" | "limit">,
  at: (row: RowOf<C>) => Timestamp,
  /** The core gives all of it at once, whatever the page. */
  whole = false,
): Pages<RowOf<C>> {
  const { data, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [cmd, "pages", input],
    queryFn: async ({ pageParam }) =>
      (await call(cmd, { ...input, before: pageParam, limit: PAGE_ROWS } as Input<C>)).value as RowOf<C>[],
    initialPageParam: null as Timestamp | null,
    getNextPageParam: (last: RowOf<C>[]) => {
      const oldest = last.at(-1);
      return whole || last.length < PAGE_ROWS || oldest === undefined ? undefined : at(oldest);
    },
    meta: { provides: commands[cmd].tags },
    placeholderData: keepPreviousData,
  });
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { rows: data?.pages.flat() ?? [], loading: isPending, error: error as CommandError | null, more };
}

/** Lists that the core gives in the order of codes, by the page. */
type Coded = "product_list" | "distributor_list";

/** All pages so far of what `query` finds; `codeOf` is the code that a list is ordered by. */
export function useCodePages<C extends Coded>(cmd: C, query: string, codeOf: (row: Output<C>[number]) => string): Pages<Output<C>[number]> {
  const { data, isPending, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    queryKey: [cmd, "pages", query],
    queryFn: async ({ pageParam }) => (await call(cmd, { query, after: pageParam, limit: PAGE_ROWS } as Input<C>)).value as Output<C>[number][],
    initialPageParam: null as string | null,
    getNextPageParam: (page: Output<C>[number][]) => {
      const end = page.at(-1);
      return page.length < PAGE_ROWS || end === undefined ? undefined : codeOf(end);
    },
    meta: { provides: commands[cmd].tags },
    placeholderData: keepPreviousData,
  });
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return { rows: data?.pages.flat() ?? [], loading: isPending, error: error as CommandError | null, more };
}

export function useWrite<C extends Command>(
  cmd: C,
): UseMutationResult<Output<C>, CommandError, Input<C>> {
  const client = useQueryClient();
  return useMutation<Output<C>, CommandError, Input<C>>({
    mutationKey: [cmd],
    mutationFn: async (input) => {
      const { value, changed } = await call(cmd, input);
      await invalidate(client, changed);
      return value;
    },
  });
}
