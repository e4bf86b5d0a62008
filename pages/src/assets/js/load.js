// What takes longer than a page may is brought in afterwards: the element with the same id on another page.
for (const place of document.querySelectorAll("[data-load][id]")) {
  place.setAttribute("aria-busy", "true");
  fetch(place.dataset.load, { headers: { accept: "text/html" }, cache: "no-store" })
    .then(async (answer) => {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = answer.ok && page.getElementById(place.id);
      if (fresh) {
        place.replaceWith(document.adoptNode(fresh));
        fresh.dispatchEvent(new CustomEvent("pages:changed", { bubbles: true }));
      }
    })
    .catch(() => { /* the link in its place still leads there */ })
    .finally(() => place.removeAttribute("aria-busy"));
}
