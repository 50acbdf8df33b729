// Panels beside a ticket stand in the order that was chosen in this browser: dragged by their headings, or moved by
// Alt and an arrow while the heading has the focus. A panel that is new stands below the one that it comes after.
(() => {
  const KEY = "console:panel-order";
  const rail = document.querySelector(".rail");
  const panelsNow = () => [...(rail?.querySelectorAll(":scope > details.panel[id]") ?? [])];
  const panels = panelsNow();
  if (!panels.length) return;

  const order = JSON.parse(localStorage.getItem(KEY) ?? "[]"); // also those that this ticket does not have
  panels.forEach(({ id }, n) => {
    if (!order.includes(id)) order.splice(n ? order.indexOf(panels[n - 1].id) + 1 : 0, 0, id);
  });
  for (const id of order) {
    const panel = panels.find((one) => one.id === id);
    if (panel) rail.append(panel);
  }

  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  rail.after(status);

  const place = (panel, beside, isBelow) => {
    beside[isBelow ? "after" : "before"](panel);
    order.splice(order.indexOf(panel.id), 1);
    order.splice(order.indexOf(beside.id) + Number(isBelow), 0, panel.id);
    localStorage.setItem(KEY, JSON.stringify(order));
  };

  let dragged = null;
  for (const panel of panels) {
    const summary = panel.querySelector(":scope > summary");
    summary.draggable = true;
    summary.title = "Drag to move, or Alt and an arrow key";
    summary.setAttribute("aria-keyshortcuts", "Alt+ArrowUp Alt+ArrowDown");
    summary.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!event.altKey || !step) return;
      event.preventDefault();
      const now = panelsNow();
      const beside = now[now.indexOf(panel) + step];
      if (!beside) return;
      place(panel, beside, step > 0);
      summary.focus();
      status.textContent = `Moved to place ${panelsNow().indexOf(panel) + 1} of ${now.length}`;
    });
    summary.addEventListener("dragstart", (event) => {
      dragged = panel;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", panel.id);
      panel.classList.add("dragged");
    });
    summary.addEventListener("dragend", () => {
      panel.classList.remove("dragged");
      dragged = null;
    });
    panel.addEventListener("dragover", (event) => {
      if (!dragged) return;
      event.preventDefault();
      if (dragged === panel) return;
      const box = panel.getBoundingClientRect();
      const isBelow = event.clientY > box.top + box.height / 2;
      if ((isBelow ? panel.nextElementSibling : panel.previousElementSibling) !== dragged) place(dragged, panel, isBelow);
    });
  }
  rail.addEventListener("drop", (event) => dragged && event.preventDefault());
})();
