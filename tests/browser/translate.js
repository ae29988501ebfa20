// What a browser's translator does to a page: each text node goes into two <font> elements, new ones as they come.
(() => {
  const KEPT = /^(SCRIPT|STYLE|TEXTAREA|CODE|FONT|SVG)$/i;
  const isKept = (text) => {
    for (let e = text.parentElement; e; e = e.parentElement) {
      if (e.getAttribute("translate") === "no" || KEPT.test(e.tagName)) return true;
    }
    return false;
  };
  const translate = (text) => {
    if (!text.nodeValue.trim() || text.parentNode === null || isKept(text)) return;
    const outer = document.createElement("font");
    const inner = outer.appendChild(document.createElement("font"));
    inner.textContent = `‹${text.nodeValue}›`;
    text.parentNode.replaceChild(outer, text);
  };
  const all = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) found.push(walker.currentNode);
    found.forEach(translate);
  };
  all(document.body);
  new MutationObserver((changes) => {
    for (const { addedNodes, target, type } of changes) {
      if (type === "characterData") translate(target);
      for (const node of addedNodes) {
        if (node.nodeType === Node.TEXT_NODE) translate(node);
        else if (node.nodeType === Node.ELEMENT_NODE && node.tagName !== "FONT") all(node);
      }
    }
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
})();
