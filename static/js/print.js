// [data-print]: opens the browser's print dialog. Hidden without JavaScript, where the browser's own menu does it.
(() => {
  document.querySelectorAll("[data-print][hidden]").forEach((button) => { button.hidden = false; });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
})();
