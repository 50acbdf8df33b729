// [data-file-picker]: lists chosen, dropped and pasted files with size and Remove. A file that the server
// would refuse (data-max-bytes, data-max-files, accept on the input) is shown with the reason and left out.
(() => {
  const size = (bytes) => (bytes < 1e6
    ? `${Math.max(1, Math.round(bytes / 1e3))} kB`
    : `${(bytes / 1e6).toFixed(1).replace(".0", "")} MB`);

  const fits = (file, rule) => {
    if (rule.startsWith(".")) return file.name.toLowerCase().endsWith(rule);
    return rule.endsWith("/*") ? file.type.startsWith(rule.slice(0, -1)) : file.type === rule;
  };
  const accepted = (file, rules) => !rules || rules.toLowerCase().split(",").some((rule) => fits(file, rule.trim()));

  const refusal = (file, input, kept) => {
    const { maxBytes, maxFiles } = input.dataset;
    if (!accepted(file, input.accept)) return "This type of file cannot be attached";
    if (maxBytes && file.size > maxBytes) return `${size(file.size)}, larger than ${size(Number(maxBytes))}, will not be sent`;
    if (maxFiles && kept >= Number(maxFiles)) return `Only ${maxFiles} files can be sent, this one will not be`;
    return "";
  };

  const enhance = (picker) => {
    const input = picker.querySelector("input[type=file]");
    const list = picker.querySelector("[data-file-list]");
    const drop = picker.querySelector("[data-file-drop]");
    if (!input || picker.dataset.ready) return;
    picker.dataset.ready = "yes";
    input.classList.add("visually-hidden");
    picker.querySelectorAll("[data-file-button]").forEach((part) => { part.hidden = false; });
    let files = [];

    const show = () => {
      const sent = new DataTransfer();
      list.replaceChildren(...files.map((file) => {
        const row = picker.querySelector("template").content.firstElementChild.cloneNode(true);
        const reason = refusal(file, input, sent.files.length);
        if (!reason) sent.items.add(file);
        row.classList.toggle("refused", Boolean(reason));
        row.querySelector("[data-name]").textContent = file.name;
        row.querySelector("[data-state]").textContent = reason || size(file.size);
        row.querySelector("[data-remove-name]").textContent = ` ${file.name}`;
        row.querySelector("[data-remove]").addEventListener("click", () => {
          files = files.filter((other) => other !== file);
          show();
          input.focus();
        });
        return row;
      }));
      input.files = sent.files;
      const refused = files.length - sent.files.length;
      const words = `${sent.files.length} ${sent.files.length === 1 ? "file" : "files"} will be sent`;
      picker.querySelector("[data-file-status]").textContent = refused ? `${words}, ${refused} refused` : words;
    };
    const add = (more) => {
      const known = new Set(files.map((file) => file.name + file.size + file.lastModified));
      const fresh = [...more].filter((file) => !known.has(file.name + file.size + file.lastModified));
      files = input.multiple ? [...files, ...fresh] : fresh.slice(0, 1);
      show();
    };

    input.addEventListener("change", () => add(input.files));
    for (const name of ["dragover", "dragleave", "drop"]) {
      drop.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.toggle("is-over", name === "dragover");
        if (name === "drop") add(event.dataTransfer.files);
      });
    }
    input.form?.addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length) add(event.clipboardData.files);
    });
  };

  document.querySelectorAll("[data-file-picker]").forEach(enhance);
  document.addEventListener("htmx:load", (event) => event.target.querySelectorAll("[data-file-picker]").forEach(enhance));
})();
