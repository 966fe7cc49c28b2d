/// The staff window over sample answers, for looking at screens without a core: never shipped.
/// `preview.html?screen=orders&theme=dark&lang=en`; the keys of the query are in `scene.ts`, and
/// `customer=idle|pay|paid` is the customer window. `pages.ts` lists every page there is.
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { createQueryClient, followChanges } from "../api/client";
import { installKeys } from "../app/keys";
import { Root } from "../app/Root";
import { installScanner } from "../app/scanner";
import { adoptSettings, loadSettings } from "../app/settings";
import { CustomerScreen } from "../customer/CustomerScreen";
import { platform } from "../platform";
import { DISPLAY, scene } from "./scene";
import "../styles/tokens.css";
import "../styles/base.css";

declare global {
  /** For a script that shows one page in both themes. */
  var dress: (theme: "light" | "dark") => void;
}

const query = new URLSearchParams(location.search);
const { core, go } = scene(query);
const customer = DISPLAY[query.get("customer") ?? ""];
Object.assign(platform, core.platform);
platform.watchDisplay = (show) => {
  if (customer !== undefined) show(customer);
  return () => undefined;
};

globalThis.dress = (theme) => adoptSettings({ ...core.settings, theme });
loadSettings();
installScanner(window);
installKeys(window);
const client = createQueryClient();
followChanges(client);
go();

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={client}>{customer === undefined ? <Root /> : <CustomerScreen />}</QueryClientProvider>
    </CSPProvider>,
  );
}
