// The queue by keys: J and K move, X selects, O (and Enter, as on every link) opens. Other keys act on the selected
// tickets, or on the one at hand where none is.
(() => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const hint = document.querySelector("[data-keys-hint]");
  if (document.querySelector('[data-keys="off"]')) return;
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
  const box = () => rows[here]?.querySelector("input.action-select");
  const deeds = {
    j: () => go(here + 1),
    k: () => go(here - 1),
    x: () => box()?.click(),
    o: () => rows[here]?.querySelector("a").click(),
  };
  const isBulk = (key) => document.querySelector(`.bulk [data-key="${CSS.escape(key)}"]`);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable], details[open]")) return;
    // Selected first: what acts on the selected, pressed next by the console's keys, is shown only then.
    if (isBulk(event.key) && box() && !document.querySelector("input.action-select:checked")) box().click();
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  }, true);
})();
