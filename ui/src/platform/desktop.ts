/// The desktop shell: one command `rpc` for the main window, one command `display_state` for the
/// customer window, and the events `changed` and `display`.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import { type Platform, tagsOf } from "./platform";

function on(event: string, handle: (payload: unknown) => void): () => void {
  const stop = listen<unknown>(event, ({ payload }) => handle(payload));
  return () => void stop.then((off) => off());
}

export const desktop: Platform = {
  host: "desktop",
  invoke: (cmd, payload) => invoke("rpc", { cmd, payload }),
  subscribe: (changed) => on("changed", (payload) => changed(tagsOf(payload))),
  watchDisplay(show) {
    const ask = (): void => {
      void invoke<unknown>("display_state").then(show);
    };
    ask();
    return on("display", ask);
  },
};
