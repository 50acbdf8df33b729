// [data-copy="text"]: copies the text and says so in the button. Hidden until the browser can do it.
(() => {
  if (!navigator.clipboard) return;
  const reveal = (root) => root.querySelectorAll("[data-copy][hidden]").forEach((button) => { button.hidden = false; });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const label = button.querySelector("span");
    button.dataset.label ??= label.textContent;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      label.textContent = "Copied";
    } catch {
      label.textContent = "Not copied, select the text instead";
    }
    setTimeout(() => { label.textContent = button.dataset.label; }, 3000);
  });
  reveal(document);
  document.addEventListener("htmx:load", (event) => reveal(event.target));
})();
