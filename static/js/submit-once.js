// form[data-once]: a second press does nothing while the first is on its way.
// The pressed button may show other words: data-busy="Sending".
(() => {
  const buttons = (form) => [...form.elements].filter((element) => element.type === "submit");

  const release = (form) => {
    delete form.dataset.sent;
    for (const button of buttons(form)) {
      button.removeAttribute("aria-disabled");
      const label = button.querySelector("span") ?? button;
      if (button.dataset.label) label.textContent = button.dataset.label;
      delete button.dataset.label;
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("form[data-once]") || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
    // aria-disabled, not disabled: a disabled button would lose focus and not send its own name.
    for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
    const pressed = event.submitter;
    if (!pressed?.dataset.busy) return;
    const label = pressed.querySelector("span") ?? pressed;
    pressed.dataset.label = label.textContent;
    label.textContent = pressed.dataset.busy;
  });

  // Going back shows the page as it was left, with the button still off.
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.matches?.("form[data-sent]")) release(event.target);
  });
})();
