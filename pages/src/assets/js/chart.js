// A chart tells the figures of the bucket that is pointed at, tapped, or reached with the arrow keys.
const hide = (chart) => {
  chart.querySelector(".tip")?.remove();
  chart.querySelector(".bucket.is-shown")?.classList.remove("is-shown");
};
// What a bucket's row of the table says.
const says = (chart, bucket) => {
  const at = [...chart.querySelectorAll(".bucket")].indexOf(bucket);
  const cells = [...(chart.querySelectorAll(".chart-table tbody tr")[at]?.cells ?? [])].map((cell) => cell.textContent);
  const names = [...chart.querySelectorAll(".chart-table thead th")].map((name) => name.textContent);
  return cells.map((text, column) => (column === 0 ? text : `${names[column]}: ${text}`)).join("\n");
};
const show = (chart, bucket) => {
  hide(chart);
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.setAttribute("role", "status");
  tip.textContent = says(chart, bucket);
  bucket.classList.add("is-shown");
  chart.append(tip);
  const whole = chart.getBoundingClientRect();
  const box = bucket.getBoundingClientRect();
  const middle = box.left + box.width / 2 - whole.left - tip.offsetWidth / 2;
  tip.style.left = `${Math.max(0, Math.min(middle, whole.width - tip.offsetWidth))}px`;
};
const prepare = (chart) => {
  const plot = chart.querySelector(".plot");
  if (!plot) return;
  plot.tabIndex = 0;
  // The browser's own hint would stand beside ours.
  for (const title of plot.querySelectorAll(".bucket > title")) title.remove();
};
const prepareAll = (root) => {
  for (const chart of root.querySelectorAll("[data-chart]")) prepare(chart);
  if (root.matches?.("[data-chart]")) prepare(root);
};
prepareAll(document);
document.addEventListener("pages:changed", (event) => prepareAll(event.target));
const at = (event) => [event.target.closest?.("[data-chart]"), event.target.closest?.(".bucket")];
document.addEventListener("pointerover", (event) => {
  const [chart, bucket] = at(event);
  if (bucket) show(chart, bucket);
});
document.addEventListener("pointerout", (event) => {
  const [chart] = at(event);
  if (chart && !chart.querySelector(".plot").contains(event.relatedTarget)) hide(chart);
});
document.addEventListener("focusout", (event) => { const [chart] = at(event); if (chart) hide(chart); });
document.addEventListener("keydown", (event) => {
  const plot = event.target.closest?.(".plot");
  const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
  if (!plot) return;
  const chart = plot.closest("[data-chart]");
  if (event.key === "Escape") hide(chart);
  if (steps === undefined) return;
  event.preventDefault();
  const buckets = [...plot.querySelectorAll(".bucket")];
  const shown = buckets.findIndex((bucket) => bucket.classList.contains("is-shown"));
  const start = shown < 0 ? (steps < 0 ? buckets.length : -1) : shown;
  show(chart, buckets[Math.max(0, Math.min(buckets.length - 1, start + steps))]);
});
