// [data-autosize]: the text area grows with its text, for browsers without field-sizing in CSS.
(() => {
  if (CSS.supports("field-sizing", "content")) return;
  const fit = (field) => {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  };
  document.addEventListener("input", ({ target }) => {
    if (target.matches?.("textarea[data-autosize]")) fit(target);
  });
  document.querySelectorAll("textarea[data-autosize]").forEach((field) => {
    if (field.value) fit(field);
  });
})();
