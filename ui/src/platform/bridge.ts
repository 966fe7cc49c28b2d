/// The same list of commands over same-origin HTTP: POST /rpc, events on /events. For development
/// and tests in a browser; the desktop shell never takes this path.
import { isWireError, type Platform, tagsOf, type WireError } from "./platform";

const unreachable: WireError = { code: "bridge_unreachable" };

async function post(cmd: string, payload: unknown): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch("/rpc", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ cmd, payload }),
    });
  } catch {
    throw unreachable;
  }
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) return body;
  throw isWireError(body) ? body : unreachable;
}

function on(event: string, handle: (payload: unknown) => void): () => void {
  const source = new EventSource("/events");
  source.addEventListener(event, (message) => {
    handle(JSON.parse((message as MessageEvent<string>).data));
  });
  return () => source.close();
}

export const bridge: Platform = {
  host: "browser",
  invoke: post,
  subscribe: (changed) => on("changed", (payload) => changed(tagsOf(payload))),
  watchDisplay(show) {
    const ask = (): void => {
      void post("display_state", null).then(show, () => undefined);
    };
    ask();
    return on("display", ask);
  },
};
