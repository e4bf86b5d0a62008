// A chart tells the figures of the bucket that is pointed at, touched, or reached with the keys: in a box above it, and to
// who does not see it as the value of a slider.
const bucketsOf = (chart) => [...chart.querySelectorAll(".bucket")];
const chartOf = (event) => event.target.closest?.("[data-chart]");
const shownIn = (chart) => bucketsOf(chart).findIndex((bucket) => bucket.classList.contains("is-shown"));
const hide = (chart) => {
  chart.querySelector(".tip")?.remove();
  chart.querySelector(".bucket.is-shown")?.classList.remove("is-shown");
};
// What the table says of a bucket: its name, then its figures, each with what it is and the colour it is drawn in.
const told = (chart, at) => {
  const cells = [...(chart.querySelectorAll(".chart-table tbody tr")[at]?.cells ?? [])];
  const names = [...chart.querySelectorAll(".chart-table thead th")];
  const figures = cells.slice(1).map((cell, column) => ({
    label: names[column + 1].textContent,
    colour: names[column + 1].dataset.colour,
    of: cell.title,
    value: cell.textContent,
  }));
  return { name: cells[0]?.textContent ?? "", figures, mark: bucketsOf(chart)[at]?.dataset.mark };
};
const part = (tag, className, text = "") => {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
};
const show = (chart, at) => {
  hide(chart);
  const bucket = bucketsOf(chart)[at];
  const plot = chart.querySelector(".plot");
  const { name, figures, mark } = told(chart, at);
  const tip = part("div", "tip");
  // The slider says it all.
  tip.setAttribute("aria-hidden", "true");
  tip.append(part("div", "tip-name", name));
  for (const { label, colour, of, value } of figures) {
    const line = part("div", "tip-line");
    line.append(part("span", `key ${colour}`), part("span", "tip-label", of ? `${label}, ${of}` : label), part("span", "tip-value", value));
    tip.append(line);
  }
  if (mark) tip.append(part("div", "tip-mark", mark));
  bucket.classList.add("is-shown");
  chart.querySelector(".chart-area").append(tip);
  const whole = chart.querySelector(".chart-area").getBoundingClientRect();
  const box = bucket.getBoundingClientRect();
  // Beside the bucket, on the side where there is room, so that it does not cover what it tells of.
  const right = box.right + 8 - whole.left;
  const left = box.left - 8 - whole.left - tip.offsetWidth;
  const place = right + tip.offsetWidth <= whole.width ? right : left;
  tip.style.left = `${Math.max(0, Math.min(place, whole.width - tip.offsetWidth))}px`;
  const said = figures.map(({ label, of, value }) => `${of ? `${label}, ${of}` : label}: ${value}`);
  plot.setAttribute("aria-valuenow", at);
  plot.setAttribute("aria-valuetext", [name, ...said, ...(mark ? [mark] : [])].join(". "));
};
const prepare = (chart) => {
  const plot = chart.querySelector(".plot");
  const last = bucketsOf(chart).length - 1;
  if (!plot || last < 0) return;
  plot.tabIndex = 0;
  const { name, figures } = told(chart, last);
  const values = { role: "slider", "aria-valuemin": 0, "aria-valuemax": last, "aria-valuenow": last, "aria-valuetext": [name, ...figures.map(({ label, value }) => `${label}: ${value}`)].join(". ") };
  for (const [attribute, value] of Object.entries(values)) plot.setAttribute(attribute, value);
  // The browser's own hint would stand beside ours.
  for (const title of plot.querySelectorAll(".bucket > title")) title.remove();
};
const prepareAll = (root) => {
  for (const chart of root.querySelectorAll("[data-chart]")) prepare(chart);
  if (root.matches?.("[data-chart]")) prepare(root);
};
prepareAll(document);
document.addEventListener("pages:changed", (event) => prepareAll(event.target));
// Which bucket lies at this place: a finger that moves on stays with the element that it touched first.
const showAt = (event) => {
  const chart = chartOf(event);
  const plot = event.target.closest?.(".plot");
  if (!plot) return;
  const box = plot.getBoundingClientRect();
  const count = bucketsOf(chart).length;
  const at = Math.floor(((event.clientX - box.left) / box.width) * count);
  const wanted = Math.max(0, Math.min(count - 1, at));
  if (count > 0 && shownIn(chart) !== wanted) show(chart, wanted);
};
document.addEventListener("pointermove", showAt);
document.addEventListener("pointerdown", (event) => {
  // What was shown at a touch stays until something else is touched.
  for (const chart of document.querySelectorAll("[data-chart]")) if (chart !== chartOf(event)) hide(chart);
  showAt(event);
});
document.addEventListener("pointerout", (event) => {
  const chart = chartOf(event);
  if (event.pointerType === "mouse" && chart && !chart.querySelector(".plot")?.contains(event.relatedTarget)) hide(chart);
});
document.addEventListener("focusin", (event) => {
  const plot = event.target.closest?.(".plot");
  if (plot?.matches(":focus-visible") && shownIn(chartOf(event)) < 0) show(chartOf(event), bucketsOf(chartOf(event)).length - 1);
});
document.addEventListener("focusout", (event) => { if (event.target.closest?.(".plot")) hide(chartOf(event)); });
document.addEventListener("keydown", (event) => {
  const plot = event.target.closest?.(".plot");
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7, Home: -Infinity, End: Infinity }[event.key];
  if (!plot) return;
  const chart = chartOf(event);
  if (event.key === "Escape") hide(chart);
  if (steps === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  const last = bucketsOf(chart).length - 1;
  const shown = shownIn(chart);
  const from = shown < 0 ? Number(plot.getAttribute("aria-valuenow")) : shown;
  show(chart, Math.max(0, Math.min(last, from + steps)));
});
