// Rates fall while nothing comes in: what bears data-live-every is looked at again after so many milliseconds.
const every = Math.min(...[...document.querySelectorAll("[data-live-every]")].map((element) => Number(element.dataset.liveEvery)));
if (Number.isFinite(every) && !new URLSearchParams(location.search).has("as_of")) {
  setInterval(() => { if (!document.hidden) document.dispatchEvent(new Event("pages:refresh")); }, Math.max(every, 1000));
}
