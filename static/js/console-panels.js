// Panels beside a ticket stay closed on every ticket once they were closed.
// [data-panel]: one that has nothing to show goes away; one that could not be fetched says so and can be tried again.
(() => {
  document.addEventListener("htmx:afterRequest", ({ detail, target }) => {
    const panel = target.closest?.("[data-panel]");
    if (panel && detail.xhr?.status === 204) panel.remove();
  });
  const say = ({ target }) => {
    const panel = target.closest?.("[data-panel]");
    if (!panel) return;
    const place = target;
    const again = document.createElement("button");
    again.type = "button";
    again.className = "button secondary small";
    again.textContent = "Try again";
    again.addEventListener("click", () => window.htmx.ajax("GET", place.getAttribute("hx-get"), { source: place, target: place }));
    const words = document.createElement("p");
    words.className = "sub";
    words.textContent = "This could not be fetched.";
    place.replaceChildren(words, again);
  };
  document.addEventListener("htmx:responseError", say);
  document.addEventListener("htmx:sendError", say);

  const KEY = "console:closed-panels";
  const panels = [...document.querySelectorAll(".rail details.panel[id]")];
  const closed = new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
  for (const panel of panels) {
    if (closed.has(panel.id) && location.hash !== `#${panel.id}`) panel.open = false;
    panel.addEventListener("toggle", () => {
      closed[panel.open ? "delete" : "add"](panel.id);
      localStorage.setItem(KEY, JSON.stringify([...closed]));
    });
  }
})();
