// The cards' places are moved with buttons instead of numbers.
for (const list of document.querySelectorAll("[data-sortable]")) {
  const number = () => [...list.children].forEach((item, at) => { item.querySelector("input[type=number]").value = at + 1; });
  const move = (item, by, button) => {
    const other = by < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(item); else other.after(item);
    number();
    button.focus();
  };
  for (const item of list.children) {
    const place = item.querySelector(".place");
    place.querySelector("input").hidden = true;
    const name = item.querySelector(".check label").textContent;
    for (const [by, sign, says] of [[-1, "↑", list.dataset.up], [1, "↓", list.dataset.down]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.textContent = sign;
      button.setAttribute("aria-label", says.replace("{name}", name));
      button.addEventListener("click", () => move(item, by, button));
      place.append(button);
    }
  }
}
