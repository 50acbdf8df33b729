// details[data-menu]: closes with Escape and when something else is pressed.
(() => {
  const close = (menu) => { menu.open = false; };
  const opened = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", ({ target }) => {
    for (const menu of opened()) if (!menu.contains(target)) close(menu);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of opened()) {
      close(menu);
      menu.querySelector("summary").focus();
    }
  });
})();
