// What only a browser can tell of a page. Each function returns the complaints, as texts.
window.checks = (() => {
  const name = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: false });
  const isHiddenOnPurpose = (element) => {
    for (let around = element; around; around = around.parentElement) {
      const { clipPath, position } = getComputedStyle(around);
      if (position === "absolute" && clipPath === "inset(50%)") return true;
    }
    return element.closest(".skip-link") !== null;
  };
  const scrollsByItself = (element) => {
    for (let around = element.parentElement; around && around !== document.body; around = around.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(around).overflowX)) return true;
    }
    return false;
  };

  // Nothing is wider than the window, and no text is cut off.
  const fits = () => {
    const found = [];
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth > width) {
      found.push(`the page is ${document.documentElement.scrollWidth} px wide in a window of ${width}`);
    }
    for (const element of document.body.querySelectorAll("*")) {
      if (element.closest("svg") !== null && element.tagName !== "svg") continue;
      if (!isShown(element) || isHiddenOnPurpose(element) || scrollsByItself(element)) continue;
      const box = element.getBoundingClientRect();
      if (box.width && (box.right > width + 1 || box.left < -1)) {
        found.push(`from ${Math.round(box.left)} to ${Math.round(box.right)} px: ${name(element)}`);
      }
      const style = getComputedStyle(element);
      const cuts = ["hidden", "clip"].includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
      if (cuts && element.innerText?.trim() && element !== document.body) found.push(`cut off: ${name(element)}`);
    }
    return found.slice(0, 10);
  };

  // Notes each element as it takes the focus, while somebody presses Tab; `walked` tells what was missed.
  const FOCUSABLE =
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [contenteditable], iframe, video[controls]";
  let seen = [];
  const look = (element) => {
    // A link of a drawing is marked by the edge of its shape.
    if (element instanceof SVGElement) {
      return [...element.children].map((part) => {
        const { stroke, strokeWidth } = getComputedStyle(part);
        return `${stroke} ${strokeWidth}`;
      }).join();
    }
    const style = getComputedStyle(element);
    return [style.outlineStyle, style.outlineWidth, style.outlineColor, style.boxShadow, style.backgroundColor,
      style.borderColor, style.textDecorationLine].join(" ");
  };
  const expected = () => {
    const groups = new Set();
    return [...document.querySelectorAll(FOCUSABLE)].filter((element) => {
      if (element.disabled || element.tabIndex < 0 || !isShown(element)) return false;
      if (element.type !== "radio") return true;
      // One radio button of a group takes the focus: the chosen one, else the first.
      const group = `${element.form?.id}/${element.name}`;
      const chosen = document.querySelector(`input[type=radio][name="${CSS.escape(element.name)}"]:checked`);
      if (groups.has(group) || (chosen && chosen !== element)) return false;
      groups.add(group);
      return true;
    });
  };
  const listen = () => {
    seen = [];
    const before = new Map(expected().map((element) => [element, look(element)]));
    addEventListener("focusin", ({ target }) => {
      const box = target.getClientRects()[0];
      // The middle of what the window shows of it.
      const across = box && (Math.max(box.left, 0) + Math.min(box.right, innerWidth)) / 2;
      const down = box && (Math.max(box.top, 0) + Math.min(box.bottom, innerHeight)) / 2;
      const middle = box && document.elementFromPoint(across, down);
      const inside = middle && (target.contains(middle) || middle.contains(target) || middle.closest("label")?.control === target);
      seen.push({
        element: target,
        isMarked: look(target) !== before.get(target)
          || (target.labels?.length > 0 && getComputedStyle(target).opacity === "0"),
        isCovered: !inside,
      });
    });
    return before.size;
  };
  const walked = () => {
    const found = [];
    const wanted = expected();
    const order = seen.map(({ element }) => element);
    const missed = wanted.filter((element) => !order.includes(element));
    missed.slice(0, 5).forEach((element) => found.push(`never reached: ${name(element)}`));
    const once = [...new Set(order)].filter((element) => wanted.includes(element));
    const sorted = wanted.filter((element) => order.includes(element));
    const odd = once.findIndex((element, index) => element !== sorted[index]);
    if (odd >= 0) found.push(`out of order: ${name(once[odd])}`);
    for (const { element, isMarked, isCovered } of seen) {
      if (!isMarked) found.push(`focus cannot be seen: ${name(element)}`);
      if (isCovered) found.push(`covered when it has the focus: ${name(element)}`);
    }
    for (const element of document.querySelectorAll("[tabindex]")) {
      if (element.tabIndex > 0) found.push(`tabindex above zero: ${name(element)}`);
    }
    return [...new Set(found)].slice(0, 12);
  };

  return { fits, listen, walked };
})();
