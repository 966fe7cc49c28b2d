/// The Online Payment button of sales orders as the administrator configured it. The core decides for
/// each order; while it has not answered yet, the order is taken to be like the others, and where the
/// button begins switched on it stands: a fast hand on F9 is not lost, and what is pressed is checked
/// again anyway.
import type { OrderId, Placement } from "../../api/generated";
import { useRead } from "../../api/hooks";
import { useLang, useT } from "../../i18n";
import { messages } from "./messages";

export interface ConfiguredButton {
  label: string;
  /** It shows on this order. */
  on: boolean;
}

/** Null where it does not stand at all. */
export function useButton(placement: Placement, order: OrderId | null, enabled: boolean): ConfiguredButton | null {
  const lang = useLang();
  const t = useT(messages);
  const here = useRead("buttons", { object: "sales_order", placement, orders: [] }, { enabled });
  const there = useRead("buttons", { object: "sales_order", placement, orders: order === null ? [] : [order] }, { enabled: enabled && order !== null });
  const button = here.data?.buttons.find((one) => one.name === "online_payment");
  if (enabled && here.isPending && placement !== "list_row" && placement !== "list_bulk") return { label: t.onlinePayment, on: true };
  if (!enabled || button === undefined) return null;
  const told = there.data?.orders.find((one) => one.order === order);
  return { label: lang === "en" ? button.label_en : button.label_zh, on: told === undefined || told.buttons.includes("online_payment") };
}
