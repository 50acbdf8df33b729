// A list whose choice decides what else the form asks for: shows the form again once another one is chosen.
document.addEventListener("change", (event) => {
  const form = event.target.matches("[data-redraws]") ? event.target.form : null;
  const button = form && form.querySelector('button[name="build"][value="redraw"]');
  if (button) form.requestSubmit(button);
});
