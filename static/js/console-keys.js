// Single keys: what carries data-key="r" (or several, "c m") is pressed, opened or focused; "g" and a letter go somewhere.
(() => {
  const sheet = document.getElementById("key-sheet");
  const box = document.querySelector("[data-keys]");
  if (!sheet || !box) return;
  const isField = (element) => element.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  // What lies in a closed menu is opened with it; the way to a new ticket is never seen.
  const isSeen = (element) => element.matches("[hidden]") || element.closest("details:not([open])") || element.checkVisibility();
  const marked = (key) => [...document.querySelectorAll("[data-key]")].filter(
    (element) => element.dataset.key.split(" ").includes(key) && isSeen(element),
  )[0];

  const open = (details) => {
    details.open = true;
    const first = [".options [aria-current]", ".options button", "input:not([type=hidden])", "select", "summary"];
    first.map((wanted) => details.querySelector(wanted)).find(Boolean).focus();
  };
  const act = (element) => {
    for (let around = element.closest("details"); around && around !== element; around = around.parentElement.closest("details")) around.open = true;
    if (element.matches("details")) open(element);
    else if (element.matches("input[type=radio]")) {
      element.click();
      element.form.scrollIntoView({ block: "nearest" });
      const text = element.form.querySelector("textarea");
      text?.focus({ preventScroll: true });
      text?.setSelectionRange(text.value.length, text.value.length);
    }
    else if (isField(element)) {
      element.scrollIntoView({ block: "nearest" });
      element.focus();
    } else element.click();
  };

  const copy = async () => {
    const reference = document.querySelector(".here[data-reference], .t-head[data-reference]")?.dataset.reference;
    if (!reference || !navigator.clipboard) return;
    await navigator.clipboard.writeText(reference);
    const told = box.querySelector("[data-told]");
    told.textContent = `${reference} copied`;
    setTimeout(() => { told.textContent = ""; }, 2500);
  };

  let goes = 0; // until when a letter after "g" goes somewhere
  const pressed = (key) => {
    if (Date.now() < goes) {
      goes = 0;
      const link = sheet.querySelector(`[data-go="${CSS.escape(key)}"]`);
      if (link) location.assign(link.href);
      return Boolean(link);
    }
    if (key === "g") goes = Date.now() + 1500;
    else if (key === "?") sheet.showModal();
    else if (key === ".") copy();
    else {
      const element = marked(key);
      if (!element) return false;
      act(element);
    }
    return true;
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (box.dataset.keys === "off" && event.key !== "?") return;
    if (isField(event.target) || event.target.closest("dialog[open], details[data-menu][open]")) return;
    if (document.querySelector("dialog[open]")) return;
    if (pressed(event.key.length === 1 ? event.key.toLowerCase() : event.key)) event.preventDefault();
  });

  // The palette's entries that do something on the page at hand lead to "#key-e".
  const told = () => {
    const key = location.hash.match(/^#key-(.)$/)?.[1];
    if (!key) return;
    history.replaceState(null, "", location.pathname + location.search);
    const palette = document.getElementById("search-input-command");
    if (palette?.checkVisibility()) { // closed by what is empty and hears Escape
      palette.value = "";
      palette.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape" }));
    }
    setTimeout(() => pressed(decodeURIComponent(key)), 50);
  };
  window.addEventListener("hashchange", told);
  told();

  // The frame is hidden while it is put together, so the browser's own autofocus finds nothing to focus.
  window.addEventListener("load", () => {
    if (document.activeElement === document.body) document.querySelector("main [autofocus]")?.focus();
  });
})();
