/// The configuration's part of the core in memory.
import type { Command, Input, Output } from "../api/client";
import type { Code, ConfigVersion, ConfigView, StaffId } from "../api/generated";
import { NOW, STAFF } from "./sample";

export type Answers = { [C in Command]: (input: Input<C>) => Output<C> };

export const refuse = (code: Code): never => {
  throw code;
};

/** What of the core it works on. */
interface Held {
  readonly config: ConfigVersion;
  configs: ConfigVersion[];
  ownConfig: ConfigView["own"];
  online: boolean;
  staff: StaffId | null;
}

const nameOf = (staff: string | null): string => STAFF.find((one) => one.id === staff)?.name ?? "";

function view(core: Held): ConfigView {
  const offered: ConfigView["surfaces"][number]["channels"] = { offered: ["wechat_pay", "alipay"], refused: [] };
  return {
    current: core.config,
    author_name: nameOf(core.config.author),
    heard_at: NOW - 60_000,
    own: core.ownConfig,
    surfaces: [
      { surface: "terminal_qr", channels: offered },
      { surface: "web", channels: offered },
      { surface: "mini_program", channels: { offered: [], refused: [] } },
    ],
  };
}

type Part = Pick<Answers, "config" | "config_change" | "config_keep" | "config_history" | "buttons">;

export function configAnswers(core: Held): Part {
  return {
      config: () => view(core),
      config_change: ({ on, config }) => {
        if (on !== core.config.version) return refuse({ code: "conflict", params: { held: core.config.version } });
        const bare = config.buttons.find((button) => button.placements.length === 0);
        if (bare !== undefined) return refuse({ code: "bad_config", params: { field: `buttons.${bare.object}.${bare.name}.placements`, problem: "no_placement" } });
        if (core.online) {
          core.configs.push({ ...core.config, version: on + 1, at: NOW, author: core.staff, op: `op${on}`, config });
          core.ownConfig = null;
        } else {
          core.ownConfig = { on, config, at: NOW, refused: null };
        }
        return view(core);
      },
      config_keep: () => {
        core.ownConfig = null;
        return {};
      },
      config_history: () => core.configs.toReversed().map((version) => ({ version, author_name: nameOf(version.author) })),
      buttons: ({ object, placement, orders }) => {
        const { config } = core.config;
        const role = STAFF.find((one) => one.id === core.staff)?.role ?? "sales";
        const listed = (placement !== "list_row" && placement !== "list_bulk") || config.layouts.order_list.show_online_payment_button;
        const on = object === "sales_order" ? config.online_payment_enabled : config.collection_online_payment_enabled;
        const buttons = config.buttons.filter((one) => on && listed && one.object === object && one.placements.includes(placement) && one.roles.includes(role));
        return {
          buttons: buttons.map(({ name, label_zh, label_en }) => ({ name, label_zh, label_en })),
          orders: orders.map((order) => ({ order, buttons: buttons.map(({ name }) => name) })),
        };
      },
  };
}
