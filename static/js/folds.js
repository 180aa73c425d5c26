// Unfolds or folds the whole plan at once, opens the fold that an address points into, and unfolds what is printed.
(() => {
  const folds = () => document.querySelectorAll("details.fold");
  const tool = document.querySelector("[data-folds]");

  if (tool) {
    tool.addEventListener("click", (event) => {
      event.preventDefault();
      const opens = tool.dataset.folds === "open";
      folds().forEach((fold) => { fold.open = opens; });
      const label = tool.textContent;
      tool.textContent = tool.dataset.label;
      tool.dataset.label = label;
      tool.dataset.folds = opens ? "close" : "open";
    });
  }

  const openTarget = () => {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...folds()].filter((fold) => !fold.open);
    closed.forEach((fold) => { fold.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((fold) => { fold.open = false; }));
})();
