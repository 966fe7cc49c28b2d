/// React asks for the first before it lets tests flush its work. The test DOM has no layout, and
/// virtual lists need a viewport to fill.
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

Object.defineProperties(HTMLElement.prototype, {
  clientHeight: { configurable: true, get: () => 600 },
  clientWidth: { configurable: true, get: () => 1000 },
});
