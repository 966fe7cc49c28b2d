/// Entry of the staff window.
import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createQueryClient, followChanges } from "./api/client";
import { installKeys } from "./app/keys";
import { Root } from "./app/Root";
import { installScanner } from "./app/scanner";
import { loadSettings } from "./app/settings";
import "./styles/tokens.css";
import "./styles/base.css";

loadSettings();
installScanner(window);
installKeys(window);
const client = createQueryClient();
followChanges(client);

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={client}>
          <Root />
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
}
