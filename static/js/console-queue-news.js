// [data-news=URL] above the queue: tells, once, that tickets came or changed. Nothing moves while one reads or selects.
(() => {
  const box = document.querySelector("[data-news]");
  const ask = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(box.dataset.news);
      if (!answer.ok) return;
      const html = (await answer.text()).trim();
      if (html !== box.dataset.shown) box.innerHTML = html;
      box.dataset.shown = html;
    } catch {
      // Without a connection the next round asks again.
    }
  };
  if (!box) return;
  setInterval(ask, 20000);
  document.addEventListener("visibilitychange", ask);
})();
