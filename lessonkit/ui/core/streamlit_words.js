// Says Streamlit's own words in the page's language: they are in its scripts, and only in English.
//
// React keeps the text nodes and attributes that it made, and never reads what is in them. So their content is changed in
// place and no node is replaced, which it would not survive (see translation_guard.js). When it writes English again, that is seen.
(() => {
  const { words } = window.lessonkit; // language -> English, with {places} -> what is said
  const root = document.documentElement;
  const HELD = ["aria-label", "placeholder", "title"];
  // Only there is text looked at: elsewhere it is the lesson's, or a name that somebody gave.
  const THEIRS = [
    "stFileUploader", "stCameraInput", "InputInstructions", "stTooltipContent", "stTooltipErrorContent", "stElementToolbar",
    "stDataFrameColumnMenu", "stDataFrameColumnVisibilityMenu", "stDataFrameTooltipContent", "stMainMenuPopover", "stDialog",
    "stConnectionStatus", "stStatusWidget", "stSkipToContent", "stMultiSelectDropdown",
  ].map((name) => `[data-testid="${name}"]`).concat(".gdg-search-bar", "[role=listbox]").join(",");
  const NAMES = "[data-testid='stFileChipName'], [data-testid='stSelectboxVirtualDropdown'] [role=option][id]";
  const was = new WeakMap(); // node -> {what of it: [English, what stands there instead]}

  const read = new Map(); // language -> its words, and its patterns
  const known = () => {
    if (!read.has(root.lang)) {
      const all = Object.entries(words[root.lang] ?? {});
      const patterns = all.filter(([english]) => english.includes("{"));
      read.set(root.lang, {
        whole: new Map(all),
        patterns: patterns.map(([english, said]) => {
          const escaped = english.replace(/[.*+?^$()|[\]\\/]/g, "\\$&");
          return [new RegExp(`^${escaped.replace(/\{(\w+)\}/g, "(?<$1>.+)")}$`), said];
        }),
      });
    }
    return read.get(root.lang);
  };

  const translated = (english) => {
    const { whole, patterns } = known();
    if (whole.has(english)) return whole.get(english);
    for (const [pattern, said] of patterns) {
      const places = pattern.exec(english)?.groups;
      if (places !== undefined) return said.replace(/\{(\w+)\}/g, (_, place) => places[place] ?? "");
    }
    return english;
  };

  const change = (node, what, now, write) => {
    const kept = was.get(node) ?? {};
    const english = kept[what]?.[1] === now ? kept[what][0] : now;
    const said = translated(english);
    if (said === now) return;
    kept[what] = [english, said];
    was.set(node, kept);
    write(said);
  };

  const text = (node) => change(node, "", node.nodeValue, (said) => (node.nodeValue = said));
  const attribute = (element, name) => {
    if (!element.hasAttribute(name) || element.matches(NAMES)) return;
    change(element, name, element.getAttribute(name), (said) => element.setAttribute(name, said));
  };

  const texts = (place) => {
    const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) if (walker.currentNode.parentElement.closest(NAMES) === null) text(walker.currentNode);
  };

  const look = (element) => {
    for (const name of HELD) {
      attribute(element, name);
      for (const inner of element.querySelectorAll(`[${name}]`)) attribute(inner, name);
    }
    if (element.closest(THEIRS) !== null) texts(element);
    else element.querySelectorAll(THEIRS).forEach(texts);
  };

  let spoken = false; // whether anything was translated yet: else there is nothing to say in English again
  const idle = () => {
    spoken ||= Object.keys(words[root.lang] ?? {}).length > 0;
    return !spoken;
  };

  new MutationObserver((changes) => {
    if (idle()) return;
    for (const { type, target, addedNodes, attributeName } of changes) {
      if (target === root && attributeName === "lang") look(root);
      else if (type === "attributes") attribute(target, attributeName);
      else if (type === "characterData") {
        const parent = target.parentElement;
        if (parent?.closest(THEIRS) && !parent.closest(NAMES)) text(target);
      } else {
        for (const node of addedNodes) {
          if (node.nodeType === Node.ELEMENT_NODE) look(node);
          else if (node.nodeType === Node.TEXT_NODE && target.closest?.(THEIRS) && !target.closest(NAMES)) text(node);
        }
      }
    }
  }).observe(document, {
    childList: true, subtree: true, characterData: true, attributes: true, attributeFilter: ["lang", ...HELD],
  });
})();
