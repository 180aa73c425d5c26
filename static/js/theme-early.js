/* Before the first paint: the theme chosen on this device, so that the page does not flash. */
(() => {
  document.documentElement.classList.add("has-script");
  try {
    const theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    /* storage refused: the system's preference holds */
  }
})();
