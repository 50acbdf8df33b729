// [data-insert=URL] on the composer: "::" offers saved replies, "??" articles, "@" in a note colleagues, and "/" at the
// beginning of a line says so. Arrows choose, Enter or Tab inserts, Escape goes on typing.
(() => {
  const composer = document.querySelector("[data-insert]");
  const text = composer?.querySelector("textarea");
  if (!text) return;
  const KINDS = { "::": "reply", "??": "article", "@": "person" };
  const MENU = [
    { label: "Saved reply", detail: "::", text: "::" },
    { label: "Article", detail: "??", text: "??" },
    { label: "Mention a colleague, in a note", detail: "@", text: "@" },
  ];
  const TYPED = /(?:^|[\s(])(::|\?\?|@)([^\s:?@][^\n:?@]{0,40}|)$/u;
  const isNote = () => composer.querySelector('input[name="mode"]:checked')?.value === "note";

  const list = document.createElement("ul");
  const status = document.createElement("p");
  Object.assign(list, { id: "insertions", className: "insertions", hidden: true });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Insert");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  text.after(list, status);
  text.setAttribute("aria-autocomplete", "list");
  text.setAttribute("aria-controls", list.id);

  let offers = [], chosen = 0, from = 0, asked = "", left = -1, timer;

  const close = () => {
    list.hidden = true;
    offers = [];
    status.textContent = "";
    text.removeAttribute("aria-activedescendant");
  };
  const mark = (index) => {
    chosen = (index + offers.length) % offers.length;
    [...list.children].forEach((option, n) => option.setAttribute("aria-selected", String(n === chosen)));
    text.setAttribute("aria-activedescendant", list.children[chosen].id);
    list.children[chosen].scrollIntoView({ block: "nearest" });
  };
  const show = (results) => {
    offers = results;
    if (!offers.length) return close();
    list.replaceChildren(...offers.map((offer, n) => {
      const option = document.createElement("li");
      const detail = document.createElement("small");
      option.id = `insertion-${n}`;
      option.setAttribute("role", "option");
      option.textContent = offer.label;
      detail.textContent = offer.detail;
      option.append(detail);
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        insert(n);
      });
      return option;
    }));
    list.hidden = false;
    const lines = text.value.slice(0, text.selectionEnd).split("\n").length;
    list.style.top = `${text.offsetTop + Math.min(text.clientHeight, 18 + lines * 22)}px`;
    status.textContent = `${offers.length} to choose from`;
    mark(0);
  };
  const insert = (n) => {
    const { text: words } = offers[n];
    close();
    text.setRangeText(words, from, text.selectionEnd, "end");
    left = words in KINDS ? -1 : from; // what was inserted is not looked up again
    text.dispatchEvent(new Event("input", { bubbles: true }));
  };

  const look = async () => {
    const before = text.value.slice(0, text.selectionEnd);
    const line = before.slice(before.lastIndexOf("\n") + 1);
    const typed = before.match(TYPED);
    if (line === "/") {
      from = before.length - 1;
      return show(MENU);
    }
    if (!typed || (typed[1] === "@" && !isNote())) return close();
    from = before.length - typed[1].length - typed[2].length;
    if (from === left) return close();
    const query = new URLSearchParams({ kind: KINDS[typed[1]], q: typed[2] });
    asked = query.toString();
    try {
      const answer = await fetch(`${composer.dataset.insert}?${query}`);
      if (answer.ok && asked === query.toString()) show((await answer.json()).results);
    } catch {
      close(); // without a connection one goes on typing
    }
  };

  text.addEventListener("input", () => {
    if (text.selectionEnd <= left) left = -1;
    clearTimeout(timer);
    timer = setTimeout(look, 120);
  });
  text.addEventListener("blur", close);
  // [data-put="Markdown"] in a panel: put where one was writing.
  document.addEventListener("click", ({ target }) => {
    const words = target.closest("[data-put]")?.dataset.put;
    if (!words) return;
    text.focus();
    text.setRangeText(words, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
  text.addEventListener("keydown", (event) => {
    if (list.hidden || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") mark(chosen + 1);
    else if (event.key === "ArrowUp") mark(chosen - 1);
    else if (event.key === "Enter" || event.key === "Tab") insert(chosen);
    else if (event.key === "Escape") {
      left = from;
      close();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });
})();
