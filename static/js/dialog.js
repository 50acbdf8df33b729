// [data-dialog-open="id"] shows the <dialog> of that id; [data-dialog-close] closes the one around it.
// Without JavaScript both are links and CSS :target opens the dialog in place.
(() => {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-dialog-open]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialogOpen);
      if (!dialog?.showModal) return;
      event.preventDefault();
      dialog.showModal();
      return;
    }
    const dialog = event.target.closest("dialog[open]");
    if (!dialog) return;
    // A press on the element itself, outside its content, is a press on the backdrop.
    const box = dialog.getBoundingClientRect();
    const outside = event.target === dialog
      && (event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom);
    if (!outside && !event.target.closest("[data-dialog-close]")) return;
    event.preventDefault();
    dialog.close();
  });
})();
