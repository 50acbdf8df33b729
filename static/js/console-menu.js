// details[data-menu]: closes with Escape and when something else is pressed. In a list of options the arrows move,
// a digit presses the option of that number, and letters go to the first one that begins with them.
(() => {
  const close = (menu) => { menu.open = false; };
  const opened = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", ({ target }) => {
    for (const menu of opened()) if (!menu.contains(target)) close(menu);
  });

  let typed = "", typedAt = 0;
  const choose = (event) => {
    const list = event.target.closest("details[data-menu][open]")?.querySelector(".options");
    if (!list || event.ctrlKey || event.metaKey || event.altKey) return;
    const options = [...list.querySelectorAll("a, button")];
    const at = options.indexOf(document.activeElement);
    const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 };
    if (event.key in moves) options.at(moves[event.key] % options.length)?.focus();
    else if (/^[1-9]$/.test(event.key)) options[event.key - 1]?.click();
    else if (/^\p{L}$/u.test(event.key)) {
      typed = Date.now() - typedAt < 800 ? typed + event.key : event.key;
      typedAt = Date.now();
      options.find((option) => option.textContent.trim().toLowerCase().startsWith(typed.toLowerCase()))?.focus();
    } else return;
    event.preventDefault();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return choose(event);
    for (const menu of opened()) {
      close(menu);
      menu.querySelector("summary").focus();
    }
  });
})();
