// House rules that no stock rule covers. They stand for two defects that cost users money:
// an Enter that commits a Chinese candidate and submits the form (WebKit reports it with
// isComposing=false and keyCode=229), and money that passes through a binary float.

const RAW_KEY_FIELDS = new Set(["isComposing", "keyCode", "which"]);
const GUARDED_KEYS = new Set(["Enter", "Escape"]);
const ARITHMETIC = new Set(["+", "-", "*", "/", "%", "**"]);
const TO_NUMBER = new Set(["Number", "parseFloat", "parseInt"]);

function nameOf(node) {
  if (node?.type === "Identifier") return node.name;
  if (node?.type === "MemberExpression" && !node.computed) return node.property.name;
  if (node?.type === "ChainExpression") return nameOf(node.expression);
  return "";
}

const isMoney = (node) => /(_fen|Fen)$/.test(nameOf(node)) || nameOf(node) === "fen";

const keysInOnePlace = {
  create(context) {
    const report = (node) =>
      context.report({
        node,
        message:
          "Keys are read in src/app/keys.ts only (onKey, onEnter, useKeys): it guards against input methods.",
      });
    const guarded = (node) => node?.type === "Literal" && GUARDED_KEYS.has(node.value);
    return {
      MemberExpression(node) {
        if (!node.computed && RAW_KEY_FIELDS.has(node.property.name)) report(node);
      },
      BinaryExpression(node) {
        if (guarded(node.left) || guarded(node.right)) report(node);
      },
      SwitchCase(node) {
        if (guarded(node.test)) report(node);
      },
    };
  },
};

const noNumberMoney = {
  create(context) {
    const report = (node) =>
      context.report({
        node,
        message: "Money is a string of integer fen: use src/money.ts, never number arithmetic.",
      });
    return {
      BinaryExpression(node) {
        if (ARITHMETIC.has(node.operator) && (isMoney(node.left) || isMoney(node.right))) report(node);
      },
      UnaryExpression(node) {
        if ((node.operator === "+" || node.operator === "-") && isMoney(node.argument)) report(node);
      },
      CallExpression(node) {
        const callee =
          node.callee.type === "MemberExpression" ? nameOf(node.callee) : nameOf(node.callee);
        if (TO_NUMBER.has(callee) && isMoney(node.arguments[0])) report(node);
      },
      TSPropertySignature(node) {
        const type = node.typeAnnotation?.typeAnnotation?.type;
        if (type === "TSNumberKeyword" && (node.key?.name ?? "").endsWith("_fen")) report(node);
      },
    };
  },
};

export default {
  meta: { name: "house" },
  rules: { "keys-in-one-place": keysInOnePlace, "no-number-money": noNumberMoney },
};
