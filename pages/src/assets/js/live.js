// When the ledger grows, the page fetches itself and changes what is marked data-live and differs. What the user has
// hold of stays as it is: a field that is being filled in, a text that is marked, a dialog that is open.
const marked = () => [...document.querySelectorAll("[data-live][id]")];
const isPast = new URLSearchParams(location.search).has("as_of");
const served = new Map(marked().map((element) => [element.id, element.outerHTML]));
let isFetching = false;
let isDue = false;

const isHeld = (element) => {
  const selection = getSelection();
  const isMarked = selection && !selection.isCollapsed && element.contains(selection.anchorNode);
  return element.contains(document.activeElement) || isMarked || element.querySelector("dialog[open], .tip");
};
const change = (element, fresh) => {
  const open = [...element.querySelectorAll("details")].map((details) => details.open);
  const next = document.adoptNode(fresh);
  [...next.querySelectorAll("details")].forEach((details, at) => { details.open = open[at] ?? details.open; });
  const scrolls = [...element.querySelectorAll(".table-scroll")].map((box) => [box.scrollLeft, box.scrollTop]);
  element.replaceWith(next);
  [...next.querySelectorAll(".table-scroll")].forEach((box, at) => { [box.scrollLeft, box.scrollTop] = scrolls[at] ?? [0, 0]; });
  next.dispatchEvent(new CustomEvent("pages:changed", { bubbles: true }));
};
const refresh = async () => {
  if (document.hidden || isFetching) { isDue = true; return; }
  isFetching = true;
  isDue = false;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, cache: "no-store" });
    if (answer.ok && !answer.redirected) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const element of marked()) {
        const fresh = page.getElementById(element.id);
        const text = fresh?.outerHTML;
        if (!fresh || served.get(element.id) === text || isHeld(element)) continue;
        served.set(element.id, text);
        change(element, fresh);
      }
    }
  } catch { /* the server is away; the stream comes again when it is back */ }
  isFetching = false;
  // What came while the page was fetched may not be in it.
  if (isDue && !document.hidden) refresh();
};
// A page that nobody looks at holds no stream; when it is looked at again, it is told at once where the ledger is.
if (served.size > 0 && !isPast && typeof EventSource === "function") {
  const base = document.documentElement.dataset.base ?? "";
  let shown = document.querySelector("#foot-position .fig")?.dataset.value;
  let stream = null;
  let later = 0;
  const end = () => { clearTimeout(later); stream?.close(); stream = null; };
  const begin = () => {
    if (stream || document.hidden) return;
    stream = new EventSource(`${base}/live`);
    stream.addEventListener("position", (event) => {
      if (shown !== event.data) refresh();
      shown = event.data;
    });
    stream.addEventListener("error", () => {
      // What is cut off comes again by itself; who was refused for want of a place asks again in a while.
      if (stream?.readyState !== EventSource.CLOSED) return;
      end();
      later = setTimeout(begin, 30000);
    });
  };
  document.addEventListener("pages:refresh", refresh);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { end(); return; }
    if (isDue) refresh();
    begin();
  });
  addEventListener("pagehide", end);
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  begin();
}
