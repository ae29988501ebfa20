// What does not fit on the page as it stands: a sentence for each such place.
() => {
  const found = [];
  const main = document.querySelector(".stMain");
  const seen = (one) => one.getClientRects().length && getComputedStyle(one).visibility !== "hidden";
  const box = (one) => one.getBoundingClientRect();
  const over = (a, b) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
  const words = (one) => `“${one.textContent.trim().slice(0, 40)}”`;

  if (main.scrollWidth > main.clientWidth + 1) found.push(`the page is ${main.scrollWidth} pixels wide in ${main.clientWidth}`);
  for (const table of document.querySelectorAll(".stTable, .stTable > *"))
    if (table.scrollWidth > table.clientWidth + 1) found.push(`a table scrolls sideways: ${words(table)}`);
  for (const cell of document.querySelectorAll("[class*=st-key-rows_] td")) {
    const label = getComputedStyle(cell, "::before");
    if (label.content !== "none" && label.whiteSpace === "nowrap") found.push(`the column's name ${label.content} may lie on ${words(cell)}`);
  }
  for (const place of document.querySelectorAll(".stMain .stElementContainer:has(.stDataFrame)")) {
    const next = place.nextElementSibling;
    const table = place.querySelector(".stDataFrame");
    if (next && seen(next) && over(box(table), box(next))) found.push(`a table lies on ${words(next)}`);
  }
  const header = document.querySelector(".stAppHeader");
  if (header && seen(header) && !main.scrollTop) {
    const first = [...main.querySelectorAll(".stMainBlockContainer :is(p, h1, button, input)")].find((one) => seen(one) && box(one).height > 1);
    if (first && box(first).top < box(header).bottom - 1) found.push(`the header lies on ${words(first)}`);
  }
  const drawn = ".stDataFrame, .js-plotly-plot, pre, [role=tablist], .moving .plot"; // they scroll, or draw their text
  for (const one of main.querySelectorAll(".stMainBlockContainer *")) {
    const named = one.getAttribute("role") === "combobox" ? one.value : "";
    if (one instanceof SVGElement || !(named || one.textContent.trim()) || !seen(one) || one.clientWidth < 5 || one.closest(drawn)) continue;
    if (one.scrollWidth <= one.clientWidth + 1 || !/hidden|clip/.test(getComputedStyle(one).overflowX)) continue;
    const said = [...main.querySelectorAll("[class*=st-key-whole_]")].some((whole) => seen(whole) && whole.textContent.trim() === named);
    if (!said) found.push(`${named ? `“${named}”` : words(one)} is cut off: ${one.scrollWidth} pixels in ${one.clientWidth}`);
  }
  for (const text of main.querySelectorAll(".stMainBlockContainer svg text")) {
    const edge = box(text.ownerSVGElement);
    if (seen(text) && !text.closest(drawn) && edge.width && (box(text).left < edge.left - 2 || box(text).right > edge.right + 2)) found.push(`${words(text)} is cut off`);
  }
  for (const text of main.querySelectorAll(".moving .say")) {
    const edge = box(text.closest(".plot"));
    if (seen(text) && edge.width && (box(text).left < edge.left - 1 || box(text).right > edge.right + 1)) found.push(`${words(text)} is cut off`);
  }
  for (const line of document.querySelectorAll(".stMain :is(p, li)")) {
    const style = getComputedStyle(line);
    const lines = Math.round(line.clientHeight / parseFloat(style.lineHeight));
    const letters = line.innerText.length / lines;
    if (lines > 2 && letters > 110) found.push(`${Math.round(letters)} letters a line: ${words(line)}`);
  }
  for (const plot of document.querySelectorAll(".stMain .js-plotly-plot")) {
    const name = plot.closest(".stPlotlyChart")?.parentElement.className.match(/st-key-(\S+)/)?.[1] ?? "a chart";
    const edge = box(plot);
    const upright = (text) => !/rotate\((?!-?0|-?90)/.test(text.getAttribute("transform") ?? "");
    const texts = [...plot.querySelectorAll("text")].filter(
      (text) => seen(text) && text.textContent.trim() && box(text).width > 1 && upright(text) && !text.closest(".hoverlayer"),
    );
    texts.forEach((text, i) => {
      const place = box(text);
      if (place.left < edge.left - 2 || place.right > edge.right + 2 || place.top < edge.top - 2 || place.bottom > edge.bottom + 2)
        found.push(`${name}: ${words(text)} is cut off`);
      for (const other of texts.slice(i + 1)) if (over(place, box(other))) found.push(`${name}: ${words(text)} lies on ${words(other)}`);
    });
    const { l, t, w, h } = plot._fullLayout._size;
    const curves = { left: edge.left + l, right: edge.left + l + w, top: edge.top + t, bottom: edge.top + t + h };
    for (const legend of plot.querySelectorAll(".legend"))
      if (over(box(legend), curves)) found.push(`${name}: the legend lies on the curves`);
  }
  return [...new Set(found)];
};
