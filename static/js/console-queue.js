// The queue: select all or none, a span with Shift, and tell how many are chosen.
(() => {
  const table = document.getElementById("result_list");
  const all = document.querySelector("[data-check-all]");
  const count = document.querySelector("[data-checked-count]");
  const boxes = [...(table?.querySelectorAll("input.action-select") ?? [])];

  const show = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    if (count) count.textContent = `${chosen} selected`;
    if (!all) return;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };

  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes) box.checked = all.checked;
      show();
    });
  }
  let last = null;
  table?.addEventListener("click", (event) => {
    const box = event.target.closest("input.action-select");
    if (!box) return;
    if (event.shiftKey && last) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
    }
    last = box;
    show();
  });
  const none = document.querySelector("[data-check-none]");
  if (none) {
    none.hidden = false;
    none.addEventListener("click", () => {
      for (const box of boxes) box.checked = false;
      show();
    });
  }
  window.addEventListener("pageshow", show);
})();
