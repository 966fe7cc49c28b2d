/// Two entries: the staff window and the customer window, which has its own capability and
/// therefore its own bundle. Nothing is inlined as data: or inline script, so that the strict
/// content security policy of the desktop shell needs no exception.
import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  build: {
    target: "safari16",
    cssTarget: "safari16",
    outDir: "dist",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        index: resolve(import.meta.dirname, "index.html"),
        customer: resolve(import.meta.dirname, "customer.html"),
      },
    },
  },
});
