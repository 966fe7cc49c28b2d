/// The screen that a route names. A screen is made anew when it is about another thing.
import type { Permission, SessionView } from "../api/generated";
import type { Route } from "../app/router";
import { CollectionEntry } from "./collections/CollectionEntry";
import { CollectionsScreen } from "./collections/CollectionsScreen";
import { FinanceDesk } from "./collections/FinanceDesk";
import { ConsoleScreen } from "./console/ConsoleScreen";
import { DepositsScreen } from "./deposits/DepositsScreen";
import { DistributorsScreen } from "./distributors/DistributorsScreen";
import { OrderEntry } from "./orders/OrderEntry";
import { OrdersScreen } from "./orders/OrdersScreen";
import { PayScreen } from "./payments/PayScreen";
import { SyncScreen } from "./sync/SyncScreen";
import { TodayScreen } from "./today/TodayScreen";

export function Screen({ route, session }: { route: Route; session: SessionView }) {
  const may = (permission: Permission): boolean => session.permissions.includes(permission);
  switch (route.screen) {
    case "today":
      return <TodayScreen />;
    case "order-entry":
      return <OrderEntry key={`${route.params.order}/${route.params.fresh}`} {...route.params} session={session} />;
    case "orders":
      return <OrdersScreen key={`orders ${route.params.order}`} {...route.params} may={may} online={session.online_payment} />;
    case "pay":
      return <PayScreen key={route.params.intent} {...route.params} may={may} />;
    case "collections":
      return <CollectionsScreen key={`all ${route.params.collection}`} {...route.params} may={may} />;
    case "finance":
      return <FinanceDesk may={may} />;
    case "collection-entry":
      return <CollectionEntry key={JSON.stringify(route.params)} {...route.params} />;
    case "deposits":
      return <DepositsScreen {...route.params} may={may} online={session.online_payment} />;
    case "distributors":
      return <DistributorsScreen {...route.params} may={may} />;
    case "sync":
      return <SyncScreen />;
    case "console":
      return <ConsoleScreen key={`console ${route.params.section}`} {...route.params} />;
  }
}
