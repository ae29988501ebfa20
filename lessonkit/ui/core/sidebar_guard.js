// On a phone the sidebar lies over the page. Streamlit keeps that it was opened, and opens it again over the page on each reload:
// here it is forgotten before Streamlit looks.
(() => {
  // The head is not read yet, so a phone still takes its window for that of a desktop: its screen says how wide it is.
  if (Math.min(window.screen.width, window.innerWidth) > 768) return;
  try {
    for (const key of Object.keys(window.localStorage)) {
      if (key.startsWith("stSidebarCollapsed-")) window.localStorage.removeItem(key);
    }
  } catch {
    // a browser that keeps nothing has nothing to forget
  }
})();
