// [data-contents]: marks the link of the section that is being read.
(() => {
  const links = [...document.querySelectorAll("[data-contents] a")];
  const sections = links.map((link) => document.getElementById(decodeURIComponent(link.hash.slice(1))));
  if (!links.length) return;
  const EDGE = 120; // pixels below the top of the window: a heading above it has been reached
  let isWaiting = false;

  const mark = () => {
    isWaiting = false;
    const reached = sections.filter((section) => section && section.getBoundingClientRect().top < EDGE).length;
    links.forEach((link, i) => {
      if (i === Math.max(0, reached - 1)) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  };
  addEventListener("scroll", () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(mark);
  }, { passive: true });
  mark();
})();
