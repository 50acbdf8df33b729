// [data-combobox="/help/suggest"] around a search form: offers what the address answers for ?q=, as a list box.
// The words go out as a plain search when nothing in the list is chosen.
(() => {
  const LEAST = 3; // letters

  const enhance = (box, n) => {
    const input = box.querySelector("input[type=search]");
    const list = document.createElement("ul");
    const status = document.createElement("p");
    Object.assign(list, { id: `suggestions-${n}`, className: "listbox", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Suggestions");
    status.className = "visually-hidden";
    status.setAttribute("role", "status");
    input.parentElement.append(list, status);
    const set = (name, value) => input.setAttribute(name, value);
    Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id }).forEach((pair) => set(...pair));
    let timer, asked, options = [], chosen = -1;

    const choose = (index) => {
      chosen = index;
      options.forEach((option, i) => option.setAttribute("aria-selected", String(i === index)));
      if (index < 0) return input.removeAttribute("aria-activedescendant");
      set("aria-activedescendant", options[index].id);
      options[index].scrollIntoView({ block: "nearest" });
    };
    const show = (isShown) => {
      list.hidden = !isShown;
      set("aria-expanded", String(isShown));
      choose(-1);
    };
    const ask = async () => {
      asked?.abort();
      asked = new AbortController();
      const words = input.value.trim();
      if (words.length < LEAST) return show(false);
      try {
        const answer = await fetch(`${box.dataset.combobox}?q=${encodeURIComponent(words)}`, { signal: asked.signal });
        if (!answer.ok) return show(false);
        list.innerHTML = await answer.text();
      } catch {
        return; // A newer question is on its way, or the network is gone: the form still works.
      }
      options = [...list.querySelectorAll("[role=option]")];
      options.forEach((option, i) => { option.id = `${list.id}-${i}`; });
      const count = options.length;
      status.textContent = count ? `${count} ${count === 1 ? "suggestion" : "suggestions"}` : "";
      show(count > 0 && document.activeElement === input);
    };

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 150);
    });
    input.addEventListener("keydown", (event) => {
      const count = options.length;
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && count && !event.isComposing) {
        event.preventDefault();
        if (list.hidden) show(true);
        // One place more than there are options: in it the words themselves are chosen.
        choose(((chosen + step + 1 + count + 1) % (count + 1)) - 1);
      } else if (event.key === "Escape" && !list.hidden) {
        event.preventDefault();
        show(false);
      } else if (event.key === "Enter" && !list.hidden && chosen >= 0) {
        event.preventDefault();
        location.assign(options[chosen].dataset.url);
      }
    });
    input.addEventListener("blur", () => show(false));
    // The list must not take the focus, or it would be gone before the press ends.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", ({ target }) => {
      const option = target.closest("[data-url]");
      if (option) location.assign(option.dataset.url);
    });
    show(false);
  };

  document.querySelectorAll("[data-combobox]").forEach(enhance);
})();
