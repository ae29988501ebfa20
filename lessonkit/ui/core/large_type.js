// In large type (large_type.py) one key goes on to the next idea, as a presenter's clicker sends it: each heading is one.
(() => {
  const KEYS = { PageDown: 1, ArrowRight: 1, PageUp: -1, ArrowLeft: -1 };
  document.addEventListener("keydown", (event) => {
    const step = KEYS[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    if (!getComputedStyle(document.documentElement).getPropertyValue("--large-type")) return;
    if (event.target.closest("input, textarea, select, [contenteditable], [role=slider], [role=radiogroup], [role=tablist], [role=grid], [role=listbox]")) return;
    const main = document.querySelector(".stMain");
    if (!main) return;
    event.preventDefault();
    const headings = [...main.querySelectorAll(".stMainBlockContainer :is(h1, h2, h3)")].filter((one) => one.offsetParent);
    const top = (one) => one.getBoundingClientRect().top;
    const screen = 0.85 * main.clientHeight; // a long idea is gone through screen by screen
    const next =
      step > 0
        ? headings.find((one) => top(one) > main.clientHeight / 5 && top(one) < 1.1 * main.clientHeight)
        : headings.findLast((one) => top(one) < 0 && top(one) > -screen);
    if (next) next.scrollIntoView({ block: "start" });
    else if (step < 0 || main.scrollTop + main.clientHeight < main.scrollHeight - 4) main.scrollBy(0, step * screen);
    else document.querySelector(".st-key-onward a")?.click();
  });
})();
