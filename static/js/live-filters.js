/* Applies the filters of a list as they are chosen: form[data-live-filters] is fetched, and each element with
   data-live and an id takes the content it has on the new page. Without this script, the form has its button. */

(() => {
  const form = document.querySelector("form[data-live-filters]");
  if (!form) return;

  let pending = null;
  let timer = 0;

  const addressOf = () => {
    const filled = [...new FormData(form)].filter(([, value]) => value !== "");
    const query = new URLSearchParams(filled).toString();
    return form.getAttribute("action") + (query ? `?${query}` : "");
  };

  const take = (page) => {
    const focused = document.activeElement?.id;
    for (const part of document.querySelectorAll("[data-live][id]")) {
      const fresh = page.getElementById(part.id);
      if (fresh && fresh.innerHTML !== part.innerHTML) part.innerHTML = fresh.innerHTML;
    }
    const languages = page.querySelectorAll("a[hreflang]");
    document.querySelectorAll("a[hreflang]").forEach((link, index) => {
      if (languages[index]) link.href = languages[index].getAttribute("href");
    });
    if (focused && document.activeElement?.id !== focused) {
      document.getElementById(focused)?.focus({ preventScroll: true });
    }
  };

  const apply = async (address) => {
    pending?.abort();
    pending = new AbortController();
    const mine = pending;
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { signal: mine.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      history.pushState({ liveFilters: true }, "", address);
      document.title = page.title;
      take(page);
    } catch (error) {
      if (error.name !== "AbortError") window.location.assign(address);
    } finally {
      if (mine === pending) form.removeAttribute("aria-busy");
    }
  };

  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(() => apply(addressOf()), delay);
  };

  // On the document: the order of the list is chosen beside it, by a control that names the form.
  document.addEventListener("change", (event) => {
    if (event.target.form === form && event.target.type !== "search") later(0);
  });
  document.addEventListener("input", (event) => {
    if (event.target.form === form && event.target.type === "search") later(400);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    later(0);
  });
  window.addEventListener("popstate", () => window.location.reload());
})();
