// Moves the focus to [data-focus-on-load] (the error summary), on load and after an htmx swap,
// so that a screen reader starts with what has to be mended.
(() => {
  const focusFirst = (root) => root.querySelector("[data-focus-on-load]")?.focus();
  focusFirst(document);
  document.addEventListener("htmx:afterSwap", (event) => focusFirst(event.target));
})();
