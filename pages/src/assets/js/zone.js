// Times are in UTC; the viewer may have them in its own zone, which is then named.
const key = "tributary-zone";
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const local = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", timeStyle: "medium", hourCycle: "h23" });
const named = new Intl.DateTimeFormat(document.documentElement.lang || "en", { timeZoneName: "short" });
let isLocal = false;
try { isLocal = localStorage.getItem(key) === "local"; } catch { /* it is not remembered */ }

const show = (root) => {
  for (const time of root.querySelectorAll("time[data-zone]")) {
    time.dataset.utc ??= time.textContent;
    if (!isLocal) { time.textContent = time.dataset.utc; continue; }
    const moment = new Date(time.dateTime);
    const name = named.formatToParts(moment).find((part) => part.type === "timeZoneName")?.value ?? zone;
    time.textContent = `${local.format(moment).replace(",", "")} ${name}`;
  }
};
for (const place of document.querySelectorAll("[data-zone-switch]")) {
  if (!zone || zone === "UTC") continue;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "small quiet";
  const label = () => { button.textContent = (isLocal ? place.dataset.local : place.dataset.utc).replace("{zone}", zone); };
  button.addEventListener("click", () => {
    isLocal = !isLocal;
    try { localStorage.setItem(key, isLocal ? "local" : "utc"); } catch { /* it is not remembered */ }
    label();
    show(document);
  });
  label();
  place.append(button);
}
show(document);
document.addEventListener("pages:changed", (event) => show(event.target));
