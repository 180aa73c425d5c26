/* Saves a step of the form while it is written: form[data-autosave]. What is typed is kept in this browser until
   the server says that it has it, so that an ended session, a lost network or a closed page loses nothing.
   Without this script the form has its buttons. */

(() => {
  document.querySelector("[data-focus]")?.focus();

  const form = document.querySelector("form[data-autosave]");
  if (!form) return;

  const AFTER = 4000; // ms after the last change; a field that is left saves at once
  const RETRY = 8000;
  const KEPT_FOR = 14 * 24 * 3600 * 1000;
  const UNTYPED = new Set(["csrfmiddlewaretoken", "writer", "seen", "do"]);
  const key = `inscription:${form.dataset.keep}`;
  const status = form.querySelector("[data-status]");
  const notice = form.querySelector("[data-notice]");
  const words = form.dataset;

  let saved = ""; // what the server has, as typed() writes it
  let timer = 0;
  let sending = false;
  let isPaused = Boolean(document.getElementById("conflit")); // a conflict waits for a choice
  let isLeaving = false;

  // What is typed, as pairs, and the files that were chosen and not taken yet.
  const pairs = () => [...new FormData(form)].filter(([name, value]) => !UNTYPED.has(name) && typeof value === "string");
  const chosen = () => [...form.querySelectorAll("input[type=file]")].filter((field) => field.files.length);
  const mark = ({ name, files: [file] }) => [name, file.name, file.size, file.lastModified];
  const snapshot = (texts, files) => JSON.stringify([texts, files]);
  const typed = () => snapshot(pairs(), chosen().map(mark));
  const seen = () => form.elements.seen;

  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };

  const tell = (text, link, stays = false) => {
    notice.toggleAttribute("data-stays", stays);
    notice.replaceChildren(document.createTextNode(`${text} `));
    if (link) {
      const anchor = document.createElement("a");
      anchor.href = link.href;
      anchor.textContent = link.text;
      notice.append(anchor);
    }
    notice.hidden = false;
  };

  // In a conflict nothing has been seen for sure: text brought back later is compared anew.
  const keep = () => {
    try {
      const known = isPaused ? "" : seen().value;
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), seen: known, pairs: pairs() }));
    } catch {
      // Storage that is full or refused: the server still has what was saved last.
    }
  };

  const forget = () => {
    try {
      localStorage.removeItem(key);
    } catch {
      // As above.
    }
  };

  const kept = () => {
    try {
      const found = JSON.parse(localStorage.getItem(key) ?? "null");
      return found && Date.now() - found.at < KEPT_FOR ? found : null;
    } catch {
      return null;
    }
  };

  const later = (delay) => {
    clearTimeout(timer);
    timer = setTimeout(save, delay);
  };

  const changed = () => {
    if (typed() === saved) return;
    keep();
    say(words.unsaved);
    if (!isPaused) later(AFTER);
  };

  const freshToken = async () => {
    const answer = await fetch(location.href, { redirect: "manual" });
    if (!answer.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("form[data-autosave] [name=csrfmiddlewaretoken]")?.value;
    if (token) form.elements.csrfmiddlewaretoken.value = token;
    return Boolean(token);
  };

  const send = () => {
    const files = chosen();
    const body = files.length ? new FormData() : new URLSearchParams();
    for (const [name, value] of pairs()) body.append(name, value);
    for (const field of files) body.append(field.name, field.files[0]);
    for (const name of ["csrfmiddlewaretoken", "writer", "seen"]) body.append(name, form.elements[name].value);
    return fetch(form.action, {
      method: "POST",
      body,
      redirect: "manual",
      keepalive: !files.length && body.toString().length < 60000,
      headers: { "X-Autosave": "1" },
    });
  };

  // The file is theirs: the field is free for another one, and the picture is shown.
  const takeFiles = (sent, told) => {
    const place = form.querySelector("[data-picture]");
    const [texts, files] = JSON.parse(sent);
    if (!told.took_file || !files.length || !place) return sent;
    for (const field of chosen()) {
      if (files.some((file) => JSON.stringify(file) === JSON.stringify(mark(field)))) field.value = "";
    }
    place.innerHTML = told.picture;
    return snapshot(texts, []);
  };

  async function save() {
    clearTimeout(timer);
    if (isPaused || isLeaving) return;
    const now = typed();
    if (now === saved) return;
    if (sending) return later(500);
    sending = true;
    say(words.saving);
    try {
      let answer = await send();
      if (answer.status === 403 && (await freshToken())) answer = await send();
      await take(answer, now);
    } catch {
      say(words.offline);
      later(RETRY);
    } finally {
      sending = false;
    }
  }

  const take = async (answer, sent) => {
    if (answer.ok) {
      const told = await answer.json();
      seen().value = told.seen;
      saved = takeFiles(sent, told);
      if (!notice.hasAttribute("data-stays")) notice.hidden = true;
      const complete = document.querySelector("[data-complete]");
      if (complete) complete.textContent = told.complete;
      if (told.refused.length) tell(told.refused.join(" "));
      if (typed() === saved) {
        if (!told.refused.length) forget();
        say(told.saved);
      } else {
        keep();
        later(AFTER);
      }
    } else if (answer.status === 409) {
      show(await answer.json());
    } else if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") {
      keep();
      say(words.unsaved);
      tell(words.session, { href: words.signIn, text: words.signInLabel });
      later(RETRY * 2);
    } else if (answer.status === 410 || answer.status === 404) {
      keep();
      isPaused = true;
      tell(words.closed);
    } else {
      say(words.offline);
      later(RETRY);
    }
  };

  const show = (told) => {
    isPaused = true;
    keep();
    seen().value = told.seen;
    const place = form.querySelector("[data-conflict]");
    place.innerHTML = told.html;
    say(words.unsaved);
    place.querySelector("#conflit")?.focus();
  };

  // Rows --------------------------------------------------------------------------------------------------------

  const renumber = (table) => {
    table.querySelectorAll("[data-row]").forEach((row, index) => {
      row.querySelectorAll("[data-number]").forEach((place) => {
        place.textContent = String(index + 1);
      });
    });
    const add = table.querySelector("[data-add]");
    if (add) add.disabled = table.querySelectorAll("[data-row]").length >= Number(table.dataset.most);
  };

  const addRow = (table) => {
    const numbers = [...table.querySelectorAll("[data-row]")].map((row) => Number(row.id.split("-").pop()));
    const number = Math.max(-1, ...numbers) + 1;
    const copy = table.querySelector("template").content.cloneNode(true);
    for (const element of copy.querySelectorAll("*")) {
      for (const attribute of element.attributes) {
        if (attribute.value.includes("__n__")) attribute.value = attribute.value.replaceAll("__n__", number);
      }
    }
    const row = copy.querySelector("[data-row]");
    table.querySelector("template").before(copy);
    renumber(table);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    return row;
  };

  const removeRow = (row) => {
    const table = row.closest("[data-rows]");
    const rows = [...table.querySelectorAll("[data-row]")];
    const next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
    row.remove();
    renumber(table);
    (next ?? table.querySelector("[data-add]")).focus();
    changed();
  };

  form.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.matches("[data-add]")) {
      event.preventDefault();
      addRow(button.closest("[data-rows]"));
    } else if (button.matches("[data-remove]")) {
      event.preventDefault();
      removeRow(button.closest("[data-row]"));
    }
  });

  // What was kept -----------------------------------------------------------------------------------------------

  const refill = (found) => {
    for (const table of form.querySelectorAll("[data-rows]")) {
      const pattern = new RegExp(`^${table.dataset.rows}-(\\d+)-`);
      const wanted = new Set(found.pairs.map(([name]) => pattern.exec(name)?.[1]).filter(Boolean));
      for (const row of table.querySelectorAll("[data-row]")) {
        if (!wanted.has(row.id.split("-").pop())) row.remove();
      }
      for (const number of [...wanted].sort((a, b) => a - b)) {
        if (document.getElementById(`${table.dataset.rows}-${number}`)) continue;
        const row = addRow(table);
        const given = row.id.split("-").pop();
        if (given === number) continue;
        for (const element of [row, ...row.querySelectorAll("*")]) {
          for (const attribute of element.attributes) {
            attribute.value = attribute.value.replaceAll(`${table.dataset.rows}-${given}`, `${table.dataset.rows}-${number}`);
          }
        }
      }
      renumber(table);
    }
    const values = new Map();
    for (const [name, value] of found.pairs) values.set(name, [...(values.get(name) ?? []), value]);
    for (const field of form.elements) {
      if (!field.name || UNTYPED.has(field.name) || field.type === "file" || field.type === "submit") continue;
      const value = values.get(field.name);
      if (field.type === "checkbox" || field.type === "radio") field.checked = Boolean(value?.includes(field.value));
      else if (value) field.value = value[0];
    }
    form.querySelectorAll("details").forEach((part) => {
      if ([...part.querySelectorAll("input, textarea")].some((field) => field.value)) part.open = true;
    });
  };

  const begin = () => {
    saved = form.hasAttribute("data-begun") ? "" : typed();
    const found = kept();
    if (found && JSON.stringify(found.pairs) !== JSON.stringify(pairs())) {
      refill(found);
      seen().value = found.seen; // another may have written since: the server will tell
      tell(words.restored, null, true);
      later(0);
    } else if (found && !form.hasAttribute("data-begun")) {
      forget();
    }
    form.querySelectorAll("[data-rows]").forEach(renumber);
    if (form.hasAttribute("data-begun")) changed();
  };

  form.addEventListener("input", changed);
  form.addEventListener("change", (event) => {
    changed();
    if (event.target.type === "file" && !isPaused) later(0);
  });
  form.addEventListener("focusout", () => {
    if (typed() !== saved && !isPaused) later(150);
  });
  form.addEventListener("submit", () => {
    isLeaving = true;
    clearTimeout(timer);
    keep();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") save();
  });
  // Text is kept in this browser; a file cannot be.
  window.addEventListener("beforeunload", (event) => {
    if (!isLeaving && chosen().length) event.preventDefault();
  });
  window.addEventListener("online", () => later(0));
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) isLeaving = false;
  });
  begin();
})();
