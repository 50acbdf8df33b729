// [data-filter-list]: a long list of check boxes gets a field that leaves only what contains the typed words.
(() => {
  for (const list of document.querySelectorAll("[data-filter-list]")) {
    const choices = [...list.querySelectorAll(".choices label")];
    const field = document.createElement("input");
    field.type = "search";
    field.className = "control";
    field.setAttribute("aria-label", `Filter: ${list.querySelector("legend").textContent}`);
    field.autocomplete = "off";
    list.querySelector("legend").after(field);
    const show = () => {
      const words = field.value.trim().toLowerCase();
      for (const label of choices) {
        const isWanted = label.querySelector("input").checked || label.textContent.toLowerCase().includes(words);
        label.hidden = !isWanted;
      }
    };
    field.addEventListener("input", show);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault();
    });
  }
})();
