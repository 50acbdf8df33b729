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
})();
