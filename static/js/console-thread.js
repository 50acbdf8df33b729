// The conversation: [data-held=SECONDS] counts down until a reply has left, then the conversation is shown anew.
(() => {
  const thread = () => document.querySelector("section.thread");
  if (!thread()) return;
  const form = document.getElementById("composer");

  const read = async (url) => {
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(answer.status);
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };
  // What is shown is what the next answer is given to. Words in the composer stay.
  const show = (page) => {
    for (const part of ["section.thread", ".t-head .under"]) {
      document.querySelector(part).replaceWith(page.querySelector(part));
    }
    const fresh = page.getElementById("composer");
    if (form && fresh) for (const name of ["version", "seen"]) form.elements[name].value = fresh.elements[name].value;
    const [box, seen] = [document, page].map((one) => one.querySelector("[data-beside]"));
    if (box && seen) box.dataset.seen = seen.dataset.seen;
  };

  const leavingAt = new Map();
  const countDown = () => {
    const cards = [...document.querySelectorAll("[data-held]")];
    for (const card of cards) {
      if (!leavingAt.has(card)) leavingAt.set(card, Date.now() + Number(card.dataset.held) * 1000);
      const left = Math.ceil((leavingAt.get(card) - Date.now()) / 1000);
      card.querySelector("[data-held-words]").textContent = left > 0 ? `Leaving in ${left} s` : "Leaving now";
    }
    const isDue = cards.some((card) => leavingAt.get(card) < Date.now() - 500);
    if (!cards.length) return;
    setTimeout(isDue ? lookAgain : countDown, isDue ? 1500 : 500);
  };
  const lookAgain = async () => {
    try {
      if (!form?.dataset.sent) show(await read(location.pathname + location.search));
    } catch {
      // The next round tries again.
    }
    countDown();
  };
  countDown();
})();
