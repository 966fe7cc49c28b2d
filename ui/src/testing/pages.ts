/// Every page there is: what `docs/screens` shows, what axe judges, and where the tests try input
/// methods. A screen, console section or dialog that is missing here fails `pages.test.ts`.

export type Step = { click: string } | { press: string } | { type: string };

export interface PageSpec {
  /** Names the picture. */
  name: string;
  /** Of `preview.html`, see `scene.ts`. */
  query: string;
  /** What a person does to get there, once the screen is up: test ids, chords of `KEYS`, text. */
  steps?: readonly Step[];
  /** The file whose dialog is open, below `src`. */
  dialog?: string;
}

const SALES = "staff=s1";
const FINANCE = "staff=s3";
const LEAD = "staff=s4";
const ADMIN = "staff=s5";

export const PAGES: readonly PageSpec[] = [
  { name: "enrol", query: "enrolled=no" },
  { name: "cannot-work", query: "broken=file" },
  { name: "unlock", query: "staff=none" },
  { name: "unlock-pin", query: "staff=none", steps: [{ click: "unlock-staff-销售 01" }] },
  { name: "today", query: SALES },
  { name: "today-offline", query: `${SALES}&net=off` },
  { name: "key-sheet", query: `${SALES}&screen=order-entry`, steps: [{ press: "F1" }], dialog: "app/KeySheet.tsx" },
  { name: "palette", query: `${SALES}&screen=order-entry`, steps: [{ press: "Ctrl+K" }], dialog: "app/Palette.tsx" },

  { name: "order-entry", query: `${SALES}&screen=order-entry` },
  { name: "order-entry-new", query: `${SALES}&screen=order-entry&fresh=1` },
  { name: "order-entry-search", query: `${SALES}&screen=order-entry`, steps: [{ type: "100" }] },
  { name: "order-entry-deposit", query: `${SALES}&screen=order-entry`, steps: [{ press: "F8" }], dialog: "features/orders/DepositDialog.tsx" },
  { name: "order-entry-discard", query: `${SALES}&screen=order-entry`, steps: [{ click: "discard" }], dialog: "features/orders/OrderEntry.tsx" },
  { name: "orders", query: `${SALES}&screen=orders` },
  { name: "orders-refine", query: `${SALES}&screen=orders`, steps: [{ press: "F3" }, { click: "add-group" }], dialog: "features/orders/OrderListDialog.tsx" },
  { name: "orders-bulk", query: `${SALES}&screen=orders&online=everywhere`, steps: [{ press: "ArrowDown" }, { press: "Space" }, { press: "ArrowDown" }, { press: "Space" }, { press: "F9" }], dialog: "features/orders/BulkResult.tsx" },
  { name: "order-edit", query: `${SALES}&screen=orders`, steps: [{ press: "F5" }] },
  { name: "order-edit-live", query: `${SALES}&screen=orders&live=1`, steps: [{ press: "F5" }], dialog: "features/orders/OrdersScreen.tsx" },
  { name: "order-waits", query: `${LEAD}&screen=orders&waits=1` },
  { name: "order-reject", query: `${LEAD}&screen=orders&waits=1`, steps: [{ click: "order-reject" }], dialog: "features/orders/Approval.tsx" },
  { name: "order-cancel", query: `${SALES}&screen=orders`, steps: [{ click: "order-cancel" }], dialog: "features/orders/OrdersScreen.tsx" },

  { name: "collections", query: `${SALES}&screen=collections` },
  { name: "refund", query: `${FINANCE}&screen=collections`, steps: [{ press: "Ctrl+R" }], dialog: "features/collections/RefundDialog.tsx" },
  { name: "collection-entry", query: `${SALES}&screen=collection-entry`, steps: [{ click: "collection-amount" }, { type: "5000" }] },
  { name: "collection-entry-new", query: `${SALES}&screen=collection-entry&empty=1` },
  { name: "collection-entry-online", query: `${SALES}&screen=collection-entry&online=everywhere`, steps: [{ click: "collection-amount" }, { type: "5000" }, { click: "method-online" }] },
  { name: "deposits", query: `${SALES}&screen=deposits` },
  { name: "deposits-none", query: `${SALES}&screen=deposits&empty=1` },
  { name: "distributors", query: `${SALES}&screen=distributors` },
  { name: "distributors-none", query: `${SALES}&screen=distributors&empty=1` },
  { name: "distributor-new", query: `${SALES}&screen=distributors`, steps: [{ press: "F4" }], dialog: "features/distributors/DistributorsScreen.tsx" },
  { name: "sync", query: `${SALES}&screen=sync` },
  { name: "sync-offline", query: `${SALES}&screen=sync&net=off` },

  { name: "pay", query: `${SALES}&screen=pay&phone=1` },
  { name: "pay-paying", query: `${SALES}&screen=pay&state=paying` },
  { name: "pay-unknown", query: `${SALES}&screen=pay&unknown=1` },
  { name: "pay-closing", query: `${SALES}&screen=pay&closing=1` },
  { name: "pay-time-over", query: `${SALES}&screen=pay&left=0` },
  { name: "pay-expired", query: `${SALES}&screen=pay&state=expired` },
  { name: "pay-closed", query: `${SALES}&screen=pay&state=closed` },
  { name: "pay-offline", query: `${SALES}&screen=pay&net=off` },
  { name: "pay-proved", query: `${SALES}&screen=pay&net=off&proved=1` },
  { name: "pay-full", query: `${SALES}&screen=pay`, steps: [{ press: "F8" }], dialog: "features/payments/PayScreen.tsx" },
  { name: "pay-give-up", query: `${SALES}&screen=pay`, steps: [{ press: "Ctrl+Delete" }], dialog: "features/payments/PayScreen.tsx" },
  { name: "pay-code", query: `${SALES}&screen=pay&phone=1`, steps: [{ click: "pay-mode-wechat_pay" }] },
  { name: "pay-send", query: `${SALES}&screen=pay`, steps: [{ click: "pay-by-link" }] },
  { name: "paid", query: `${SALES}&screen=pay&state=paid` },
  { name: "paid-partial", query: `${SALES}&screen=pay&state=paid&outcome=partial` },
  { name: "paid-over", query: `${SALES}&screen=pay&state=paid&outcome=over` },
  { name: "paid-late", query: `${SALES}&screen=pay&state=paid&outcome=late` },
  { name: "paid-duplicate", query: `${SALES}&screen=pay&state=paid&outcome=duplicate` },
  { name: "customer-idle", query: "customer=idle" },
  { name: "customer-pay", query: "customer=pay" },
  { name: "customer-paid", query: "customer=paid" },

  { name: "finance", query: `${FINANCE}&screen=finance` },
  { name: "finance-reject", query: `${FINANCE}&screen=finance`, steps: [{ press: "Ctrl+Delete" }], dialog: "features/collections/CollectionsScreen.tsx" },
  { name: "finance-refunds", query: `${LEAD}&screen=finance`, steps: [{ click: "desk-refunds" }] },
  { name: "finance-refund-reject", query: `${LEAD}&screen=finance`, steps: [{ click: "desk-refunds" }, { press: "Ctrl+Delete" }], dialog: "features/collections/RefundDesk.tsx" },
  { name: "finance-twice", query: `${LEAD}&screen=finance`, steps: [{ click: "desk-refunds" }, { click: "refund-scope-twice" }] },

  { name: "console-setup", query: `${ADMIN}&screen=console&section=setup` },
  { name: "console-wallet", query: `${ADMIN}&screen=console&section=wallet` },
  { name: "console-wallet-bind", query: `${ADMIN}&screen=console&section=wallet`, steps: [{ click: "bind-wechat_pay" }] },
  { name: "console-mini-program", query: `${ADMIN}&screen=console&section=mini_program` },
  { name: "console-documents", query: `${ADMIN}&screen=console&section=documents` },
  { name: "console-live-asks", query: `${ADMIN}&screen=console&section=documents`, steps: [{ click: "enable-online-payment" }, { click: "config-save" }], dialog: "features/console/LiveAsks.tsx" },
  { name: "console-layouts", query: `${ADMIN}&screen=console&section=layouts` },
  { name: "console-buttons", query: `${ADMIN}&screen=console&section=buttons`, steps: [{ click: "add-group" }] },
  { name: "console-products", query: `${ADMIN}&screen=console&section=products` },
  { name: "console-product-edit", query: `${ADMIN}&screen=console&section=products`, steps: [{ press: "Enter" }], dialog: "features/console/Products.tsx" },
  { name: "console-price-books", query: `${ADMIN}&screen=console&section=price_books` },
  { name: "console-price-book-add", query: `${ADMIN}&screen=console&section=price_books`, steps: [{ click: "price-book-add" }], dialog: "features/console/PriceBooks.tsx" },
  { name: "console-distributors", query: `${ADMIN}&screen=console&section=distributors` },
  { name: "console-distributor-edit", query: `${ADMIN}&screen=console&section=distributors`, steps: [{ press: "Enter" }], dialog: "features/console/Distributors.tsx" },
  { name: "console-import", query: `${ADMIN}&screen=console&section=products`, steps: [{ click: "import" }], dialog: "features/console/Import.tsx" },
  { name: "console-staff", query: `${ADMIN}&screen=console&section=staff` },
  { name: "console-staff-add", query: `${ADMIN}&screen=console&section=staff`, steps: [{ click: "staff-add" }], dialog: "features/console/Staff.tsx" },
  { name: "console-departments", query: `${ADMIN}&screen=console&section=departments` },
  { name: "console-policies", query: `${ADMIN}&screen=console&section=policies` },
  { name: "console-history", query: `${ADMIN}&screen=console&section=history` },
];
