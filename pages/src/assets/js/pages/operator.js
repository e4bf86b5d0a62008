// Rates fall while nothing comes in, and jobs go on: what bears data-live-every is looked at again after so many
// milliseconds, as long as there is such an element.
const look = () => {
  const every = [...document.querySelectorAll("[data-live-every]")].map((element) => Number(element.dataset.liveEvery));
  if (every.length === 0) return;
  setTimeout(() => {
    document.dispatchEvent(new Event("pages:refresh"));
    look();
  }, Math.max(Math.min(...every), 500));
};
look();
