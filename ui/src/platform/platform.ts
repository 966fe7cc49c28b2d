/// What the UI needs from whatever hosts it, and nothing more: one call, one stream of pokes, and
/// what the customer window may see. Two hosts answer: the desktop shell, and a loopback HTTP
/// bridge that serves the same list of commands to a browser.

/** How a failed command crosses: a code with parameters, never a sentence. */
export interface WireError {
  code: string;
  params?: unknown;
}

export interface Platform {
  readonly host: "desktop" | "browser";
  /** Runs one command of the list. Rejects with a `WireError`. */
  invoke(cmd: string, payload: unknown): Promise<unknown>;
  /** Tags whose data changed without this window asking (sync, another window). */
  subscribe(changed: (tags: string[]) => void): () => void;
  /** What the customer window shows now, and each time that changes. */
  watchDisplay(show: (state: unknown) => void): () => void;
}

export function isWireError(value: unknown): value is WireError {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string"
  );
}

/** The tags of a `changed` event; anything else is an empty list. */
export function tagsOf(payload: unknown): string[] {
  if (typeof payload !== "object" || payload === null || !("tags" in payload)) return [];
  return Array.isArray(payload.tags) ? payload.tags.filter((tag) => typeof tag === "string") : [];
}
