// [data-beside=URL]: tells every few seconds that the page is open, and shows who else is there and what is new.
(() => {
  const box = document.querySelector("[data-beside]");
  if (!box) return;
  const text = document.querySelector("#composer textarea");
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  let typed = 0;
  text?.addEventListener("input", () => { typed = Date.now(); });
  const body = (fields) => new URLSearchParams({ csrfmiddlewaretoken: token, ...fields });

  const tell = async () => {
    if (document.hidden) return;
    const composing = Date.now() - typed < 20000 ? "1" : "0";
    try {
      const answer = await fetch(box.dataset.beside, { method: "POST", body: body({ seen: box.dataset.seen, composing }) });
      if (!answer.ok) return;
      const html = (await answer.text()).trim();
      if (html !== box.dataset.shown) box.innerHTML = html; // said once by screen readers, not every time
      box.dataset.shown = html;
    } catch {
      // Without a connection nobody is shown; the next round tries again.
      box.replaceChildren();
      box.dataset.shown = "";
    }
  };
  setInterval(tell, 4000);
  document.addEventListener("visibilitychange", tell);
  window.addEventListener("pagehide", () => navigator.sendBeacon(box.dataset.beside, body({ leaving: "1" })));
  tell();
})();
