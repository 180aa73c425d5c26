/* The choice between the system's theme, light and dark. It stays on this device. */
(() => {
  const field = document.querySelector("[data-theme-choice]");
  if (!field) return;
  field.value = document.documentElement.dataset.theme || "auto";
  field.addEventListener("change", () => {
    if (field.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = field.value;
    try {
      if (field.value === "auto") localStorage.removeItem("theme");
      else localStorage.setItem("theme", field.value);
    } catch {
      /* storage refused: the choice holds for this page */
    }
  });
})();
