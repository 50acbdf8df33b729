// Fields that depend on other answers are hidden while they do not hold. The server decides for itself what it keeps.
(() => {
  const rules = JSON.parse(document.getElementById("form-conditions")?.textContent ?? "{}");
  const controls = (name) => [...document.getElementsByName(name)];
  const box = (name) => controls(name)[0]?.closest(".field");
  const answers = (name) => controls(name).flatMap((control) => {
    if (control.type === "checkbox" && control.value === "on") return [control.checked ? "yes" : "no"];
    if (control.type === "radio" || control.type === "checkbox") return control.checked ? [control.value] : [];
    const text = control.value.trim();
    // A number is compared as one, as the server does: 3.0 is 3.
    return [control.type === "number" && text ? Number(text) : text];
  });
  const holds = (name) => {
    const rule = rules[name];
    if (!rule) return true;
    return holds(rule.on) && answers(rule.on).some((answer) => (typeof answer === "number" ? rule.numbers : rule.values).includes(answer));
  };
  const show = () => {
    for (const name of Object.keys(rules)) {
      const field = box(name);
      if (field) field.hidden = !holds(name);
    }
  };
  document.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
})();
