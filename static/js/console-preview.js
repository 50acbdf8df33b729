// [data-preview=URL] in the composer: shows what is written as its reader will see it, and the text again.
(() => {
  const button = document.querySelector("[data-preview]");
  if (!button) return;
  const composer = button.form;
  const text = composer.querySelector("textarea");
  const place = composer.querySelector("[data-preview-place]");
  const words = button.querySelector("span");
  button.hidden = false;

  const show = (isShown) => {
    place.hidden = !isShown;
    text.hidden = isShown;
    button.setAttribute("aria-pressed", String(isShown));
    words.textContent = isShown ? "Write" : "Preview";
    (isShown ? place : text).focus({ preventScroll: true });
  };
  button.addEventListener("click", async () => {
    if (!place.hidden) return show(false);
    const { value } = composer.querySelector("[name=csrfmiddlewaretoken]");
    const body = new URLSearchParams({ csrfmiddlewaretoken: value, body: text.value });
    try {
      const answer = await fetch(button.dataset.preview, { method: "POST", body });
      if (!answer.ok) throw new Error(answer.status);
      place.innerHTML = (await answer.text()) || "<p>Nothing is written yet.</p>"; // sanitized by the server
      show(true);
    } catch {
      words.textContent = "No preview now, try again";
    }
  });
})();
