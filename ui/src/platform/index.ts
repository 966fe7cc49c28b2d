import { bridge } from "./bridge";
import { desktop } from "./desktop";
import type { Platform } from "./platform";

export { isWireError, type Platform, type WireError } from "./platform";

/** The host of this window. */
export const platform: Platform = "__TAURI_INTERNALS__" in window ? desktop : bridge;
