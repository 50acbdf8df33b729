// [data-count-limit="10000"]: keeps the words in #<id>_count true while typing. Nothing is cut off.
(() => {
  const number = new Intl.NumberFormat(document.documentElement.lang || "en");
  const timers = new WeakMap();

  const tell = (field) => {
    const output = document.getElementById(`${field.id}_count`);
    if (!output) return;
    const limit = Number(field.dataset.countLimit);
    // The server counts code points and a line end as one character.
    const left = limit - [...field.value].length;
    output.classList.toggle("over", left < 0);
    // Only near the end is the count worth interrupting a screen reader.
    output.setAttribute("aria-live", left < limit / 10 ? "polite" : "off");
    if (left < 0) output.textContent = `${number.format(-left)} ${left === -1 ? "character" : "characters"} too many`;
    else if (left < limit / 2) output.textContent = `${number.format(left)} ${left === 1 ? "character" : "characters"} left`;
    else output.textContent = `Up to ${number.format(limit)} characters`;
  };

  document.addEventListener("input", ({ target }) => {
    if (!target.dataset?.countLimit) return;
    clearTimeout(timers.get(target));
    timers.set(target, setTimeout(() => tell(target), 300));
  });
  document.querySelectorAll("[data-count-limit]").forEach(tell);
})();
