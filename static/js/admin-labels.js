/* Names for the fields that Django's admin leaves without a label: in a table of rows, the head of the column; for a
   day and an hour, the legend around them. */
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

  label(document);
  document.addEventListener("formset:added", (event) => label(event.target.closest(".tabular") ?? event.target));
})();
