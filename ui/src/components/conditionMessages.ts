/// Texts of the condition builder.
import type { Operator } from "../api/generated";
import type { Catalogue } from "../i18n";

type Operators = Record<Operator, string>;

const zhCN = {
  group: (at: number) => `第 ${at} 组：全部满足`,
  or: "或",
  field: "字段",
  operator: "比较",
  value: "值",
  from: "从",
  to: "到",
  yes: "是",
  no: "否",
  choose: "请选择",
  addCondition: "加条件",
  addGroup: "加一组（或）",
  addValue: "加一个值",
  removeCondition: (field: string) => `删除条件：${field}`,
  removeValue: "删除这个值",
  none: "没有条件：全部显示。",
  operators: {
    EQ: "等于",
    N: "不等于（含空）",
    GT: "大于",
    GTE: "大于等于",
    LT: "小于",
    LTE: "小于等于",
    IN: "是其中之一",
    NIN: "不是其中任何一个（含空）",
    BETWEEN: "介于（含两端）",
    LIKE: "包含",
    IS: "为空",
    ISN: "不为空",
    UNKNOWN: "不认识的比较",
  } satisfies Operators as Operators,
  inTime: { GT: "晚于", GTE: "不早于", LT: "早于", LTE: "不晚于" } as Partial<Operators>,
};

const en: typeof zhCN = {
  group: (at) => `Group ${at}: all of these`,
  or: "or",
  field: "Field",
  operator: "Comparison",
  value: "Value",
  from: "From",
  to: "To",
  yes: "Yes",
  no: "No",
  choose: "Choose",
  addCondition: "Add condition",
  addGroup: "Add group (or)",
  addValue: "Add value",
  removeCondition: (field) => `Remove condition: ${field}`,
  removeValue: "Remove this value",
  none: "No conditions: everything is shown.",
  operators: {
    EQ: "is",
    N: "is not (or empty)",
    GT: "greater than",
    GTE: "at least",
    LT: "less than",
    LTE: "at most",
    IN: "is one of",
    NIN: "is none of (or empty)",
    BETWEEN: "between (both included)",
    LIKE: "contains",
    IS: "is empty",
    ISN: "is not empty",
    UNKNOWN: "unknown comparison",
  },
  inTime: { GT: "after", GTE: "not before", LT: "before", LTE: "not after" },
};

export const messages: Catalogue<typeof zhCN> = { "zh-CN": zhCN, en };
