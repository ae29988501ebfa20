// Says in plain words when a chosen file did not arrive.
//
// A phone cuts a page's connection while its camera or file chooser is in front. Streamlit then takes no file, and says
// nothing; where the connection is cut on the way, it says "AxiosError: Network Error" (streamlit/streamlit issue 11419).
(() => {
  const { say: said } = window.lessonkit; // in the page's language
  const SOON = 3000; // milliseconds in which Streamlit shows a file that it took
  const CHIP = "[data-testid='stFileChip']";
  let note = null;

  const away = () => {
    note?.remove();
    note = null;
  };

  const say = (name) => {
    away();
    note = document.createElement("div");
    note.setAttribute("role", "alert");
    note.setAttribute("data-testid", "lost-upload");
    note.style.cssText =
      "position:fixed;left:1rem;right:1rem;bottom:1rem;z-index:1000001;margin:auto;max-width:32rem;padding:1rem;" +
      "border-radius:.5rem;background:#7a1f1f;color:#fff;font:16px/1.5 sans-serif;display:flex;gap:1rem;align-items:center";
    const text = document.createElement("span");
    text.style.flex = "1";
    const file = document.createElement("bdi");
    file.setAttribute("translate", "no");
    file.textContent = name;
    text.append(file, ": ", said("lost"));
    const close = document.createElement("button");
    close.textContent = said("close");
    close.style.cssText = "background:#fff;color:#7a1f1f;border:0;border-radius:.25rem;padding:.5rem .75rem;font:inherit";
    close.addEventListener("click", away);
    note.append(text, close);
    document.body.append(note);
  };

  const shown = (name) => [...document.querySelectorAll(CHIP)].some((chip) => chip.textContent.includes(name.slice(0, 8)));
  const connected = () => document.querySelector("[data-testid='stConnectionStatus']") === null;

  const chosen = (files, disabled) => {
    away();
    if (files.length === 0 || (connected() && !disabled)) return;
    const name = files[0].name;
    setTimeout(() => shown(name) || say(name), SOON);
  };
  document.addEventListener("change", (event) => event.target.type === "file" && chosen([...event.target.files], event.target.disabled), true);

  const words = (message) => {
    if (/status code (413|503|507)/.test(message)) return said("full");
    return /AxiosError|Network Error|status code|aborted|timeout/i.test(message) ? said("lost") : null;
  };
  const plain = (root) => {
    const chips = root.nodeType === Node.ELEMENT_NODE ? [root.closest(CHIP), ...root.querySelectorAll(CHIP)] : [];
    for (const chip of chips) {
      if (chip === null) continue;
      const walker = document.createTreeWalker(chip, NodeFilter.SHOW_TEXT);
      while (walker.nextNode()) {
        const text = walker.currentNode;
        if (text.parentElement.closest("[data-testid='stFileChipName']")) continue;
        const plainer = words(text.nodeValue);
        if (plainer !== null && text.nodeValue !== plainer) text.nodeValue = plainer;
      }
    }
  };
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      plain(target.nodeType === Node.TEXT_NODE ? (target.parentElement ?? document.body) : target);
      addedNodes.forEach(plain);
    }
  }).observe(document, { childList: true, subtree: true, characterData: true });
})();
