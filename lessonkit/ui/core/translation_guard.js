// Lets the page survive a browser that translates it.
//
// A translator puts each text node into <font> elements. React then removes, moves or changes a node that is not in the
// page any more: it throws, and the page goes blank (facebook/react issue 11538). Here each text node's replacement is
// remembered, and what React does to the text is done to the replacement.
(() => {
  const replaced = new WeakMap(); // text node -> the element that a translator put in its place
  const KEPT = "code, pre, kbd, .pattern, [data-testid='stMetricValue'], [data-testid='stDataFrame'], .js-plotly-plot, textarea";

  const keep = (element) => {
    if (element.matches(KEPT)) element.setAttribute("translate", "no");
    for (const inner of element.querySelectorAll(KEPT)) inner.setAttribute("translate", "no");
  };

  const isFont = (node) => node !== null && node.nodeName === "FONT";

  const standsFor = (text, parent) => {
    const element = replaced.get(text);
    return element !== undefined && element.parentNode !== null && (parent === undefined || element.parentNode === parent)
      ? element
      : null;
  };

  const look = (changes) => {
    for (const { addedNodes, removedNodes, previousSibling, nextSibling } of changes) {
      const fonts = [...addedNodes].filter(isFont);
      for (const node of removedNodes) {
        if (node.nodeType !== Node.TEXT_NODE) continue;
        const element = fonts[0] ?? [previousSibling, nextSibling].find(isFont);
        if (element !== undefined && node.parentNode === null) replaced.set(node, element);
      }
      for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE && !isFont(node)) keep(node);
    }
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
  const catchUp = () => look(observer.takeRecords());

  const { removeChild, insertBefore } = Node.prototype;
  Node.prototype.removeChild = function (child) {
    if (child.parentNode === this) return removeChild.call(this, child);
    catchUp();
    const element = standsFor(child, this);
    if (element !== null) removeChild.call(this, element);
    return child;
  };
  Node.prototype.insertBefore = function (node, before) {
    if (before === null || before === undefined || before.parentNode === this) {
      return insertBefore.call(this, node, before ?? null);
    }
    catchUp();
    return insertBefore.call(this, node, standsFor(before, this));
  };

  const value = Object.getOwnPropertyDescriptor(Node.prototype, "nodeValue");
  Object.defineProperty(Node.prototype, "nodeValue", {
    ...value,
    set(text) {
      if (this.nodeType === Node.TEXT_NODE && this.parentNode === null) {
        catchUp();
        const element = standsFor(this);
        if (element !== null) element.parentNode.replaceChild(this, element); // to be translated again, as new text
      }
      value.set.call(this, text);
    },
  });
})();
