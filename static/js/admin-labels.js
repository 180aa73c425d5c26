/* Names for the fields that Django's admin leaves without a label: in a table of rows, the head of the column; for a
   day and an hour, the legend around them; for a list that completes itself, the label of the field it stands for. */
(() => {
  const name = (field, ...words) => {
    const text = words.map((word) => word?.textContent.replace(/\s+/g, " ").trim()).filter(Boolean).join(" ");
    if (text && !field.labels?.length && !field.hasAttribute("aria-label")) field.setAttribute("aria-label", text);
  };
  const fields = (around) => around.querySelectorAll("input:not([type=hidden]), select, textarea");

  const label = (root) => {
    for (const cell of root.querySelectorAll(".tabular tbody td")) {
      const column = cell.className.match(/(?:^|\s)field-(\S+)/)?.[1];
      const heads = cell.closest("table").querySelectorAll("thead th");
      const head = column ? cell.closest("table").querySelector(`thead th.column-${column}`) : heads[heads.length - 1];
      if (column || cell.classList.contains("delete")) fields(cell).forEach((field) => name(field, head));
    }
    for (const day of root.querySelectorAll(".datetime")) {
      const around = day.closest("fieldset, td, .form-row");
      const legend = around?.querySelector("legend, label");
      fields(day).forEach((field) => name(field, legend, field.previousSibling));
    }
  };

  // The lists that complete themselves are drawn by another script, once the page is there.
  const labelLists = (root) => {
    for (const list of root.querySelectorAll(".select2-selection")) {
      const field = list.closest(".select2-container")?.previousElementSibling;
      const head = field?.labels?.[0];
      if (head) {
        head.id ||= `${field.id}_label`;
        list.setAttribute("aria-labelledby", [head.id, list.querySelector("[id]")?.id].filter(Boolean).join(" "));
        list.querySelector("[role=textbox]")?.setAttribute("aria-labelledby", head.id);
      } else if (field?.getAttribute("aria-label")) {
        list.removeAttribute("aria-labelledby");
        list.setAttribute("aria-label", field.getAttribute("aria-label"));
      }
    }
  };

  const search = document.getElementById("searchbar");
  if (search) search.setAttribute("aria-label", search.form.querySelector("[type=submit]")?.value ?? "");
  label(document);
  labelLists(document);
  const isList = (node) => node.classList?.contains("select2-container");
  // Drawn when jQuery comes to it, before or after the page has loaded.
  new MutationObserver((changes) => {
    if (changes.some((change) => [...change.addedNodes].some(isList))) labelLists(document);
  }).observe(document.body, { childList: true, subtree: true });
  document.addEventListener("formset:added", (event) => {
    label(event.target.closest(".tabular") ?? event.target);
  });
})();
