// The queue by keys: J and K move, X selects, O (and Enter, as on every link) opens, "/" searches.
(() => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const hint = document.querySelector("[data-keys-hint]");
  if (hint) hint.hidden = false;
  let here = -1;
  const go = (to) => {
    if (!rows.length) return;
    rows[here]?.classList.remove("here");
    here = Math.max(0, Math.min(rows.length - 1, to));
    rows[here].classList.add("here");
    rows[here].querySelector("a").focus({ preventScroll: true });
    rows[here].scrollIntoView({ block: "nearest" });
  };
  const deeds = {
    j: () => go(here + 1),
    k: () => go(here - 1),
    x: () => rows[here]?.querySelector("input.action-select")?.click(),
    o: () => rows[here]?.querySelector("a").click(),
    "/": () => document.querySelector('[data-key="/"]')?.focus(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
})();
