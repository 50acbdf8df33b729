// form[data-draft=URL]: what is written is kept on the server every five seconds and when the field is left.
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const text = form.querySelector("textarea");
  const state = form.querySelector("[data-draft-state]");
  const discard = form.querySelector("[data-draft-discard]");
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const mode = () => form.querySelector('input[name="mode"]:checked')?.value ?? "note";
  let kept = `${mode()}:${text.value}`;
  let timer = 0;

  const keep = async () => {
    clearTimeout(timer);
    timer = 0;
    const now = `${mode()}:${text.value}`;
    if (now === kept || form.dataset.sent) return;
    const fields = { csrfmiddlewaretoken: token, mode: mode(), body: text.value, token: form.elements.token.value };
    const body = new URLSearchParams(fields);
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body, keepalive: true });
      if (!answer.ok) throw new Error(answer.status);
      kept = now;
      text.defaultValue = text.value; // leaving the page loses nothing now
      state.innerHTML = (await answer.text()).trim();
      discard.hidden = !state.textContent;
    } catch {
      state.textContent = "The draft could not be saved";
    }
  };
  form.addEventListener("input", () => { timer ||= setTimeout(keep, 5000); });
  text.addEventListener("blur", keep);
})();
