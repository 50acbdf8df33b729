// The ticket page: Ctrl+Enter sends what the mode says; a typed message is not left by mistake.
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
    }
  });

  window.addEventListener("beforeunload", (event) => {
    if (text.value.trim() && text.value !== text.defaultValue && !composer.dataset.sent) event.preventDefault();
  });

  // A link to the timeline, or to a closed panel, opens it.
  const open = () => {
    const part = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (part instanceof HTMLDetailsElement) part.open = true;
    const folded = document.querySelector("[data-folded]");
    if (!part && folded && location.hash.startsWith("#message-")) location.replace(folded.href + location.hash);
  };
  window.addEventListener("hashchange", open);
  open();
})();
