// Says which language the page is in, and what the other scripts say in it.
//
// The server has said it as it sent the page. A language that is chosen later stands in the address. So a browser does not
// offer to translate German into German.
(() => {
  const { texts } = window.lessonkit;
  const root = document.documentElement;

  const look = () => {
    const chosen = new URLSearchParams(window.location.search).get("language");
    if (chosen !== null && Object.hasOwn(texts, chosen) && root.lang !== chosen) root.lang = chosen;
  };
  for (const name of ["pushState", "replaceState"]) {
    const change = window.history[name];
    window.history[name] = function (...how) {
      change.apply(this, how);
      look();
    };
  }
  window.addEventListener("popstate", look);

  window.lessonkit.say = (name) => (texts[root.lang] ?? texts.en)[name];
})();
