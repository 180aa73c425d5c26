// Keeps the progress of documents current on the pages of the desk. Without it, reloading the page does the same.
"use strict";

(function () {
  const every = 2500;

  async function refresh() {
    let page;
    try {
      const answer = await fetch(window.location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      window.setTimeout(refresh, 4 * every);
      return;
    }
    let ended = false;
    for (const shown of document.querySelectorAll("[data-live]")) {
      const fresh = page.getElementById(shown.id);
      if (!fresh) continue;
      ended = ended || (shown.hasAttribute("data-open") && !fresh.hasAttribute("data-open"));
      shown.replaceWith(document.importNode(fresh, true));
    }
    if (ended && !document.querySelector("input.action-select:checked")) {
      window.location.reload();
    } else if (document.querySelector("[data-live][data-open]")) {
      window.setTimeout(refresh, every);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (document.querySelector("[data-live][data-open]")) window.setTimeout(refresh, every);
  });
})();
