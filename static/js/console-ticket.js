// The ticket page: R answers, C notes, Ctrl+Enter sends what the mode says; a typed message is not left by mistake.
(() => {
  const composer = document.getElementById("composer");
  if (!composer) return;
  const text = composer.querySelector("textarea");
  const mode = () => composer.querySelector('input[name="mode"]:checked')?.value ?? "note";
  const button = () => composer.querySelector(`button[value="${mode() === "reply" ? "answer" : "note"}"]`);

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target === text) {
      event.preventDefault();
      composer.requestSubmit(button());
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const choice = composer.querySelector(`input[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    composer.scrollIntoView({ block: "nearest" });
    text.focus({ preventScroll: true });
  });

  window.addEventListener("beforeunload", (event) => {
    if (text.value.trim() && text.value !== text.defaultValue && !composer.dataset.sent) event.preventDefault();
  });

  // A link to the timeline, or to a closed panel, opens it.
  const open = () => {
    const part = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (part instanceof HTMLDetailsElement) part.open = true;
  };
  window.addEventListener("hashchange", open);
  open();
})();
