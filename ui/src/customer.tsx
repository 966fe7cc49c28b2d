/// Entry of the customer window: it reads the display state and can do nothing else. Always light,
/// because phones scan dark on white best.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { CustomerScreen } from "./customer/CustomerScreen";
import "./styles/tokens.css";
import "./styles/base.css";

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <CustomerScreen />
    </StrictMode>,
  );
}
