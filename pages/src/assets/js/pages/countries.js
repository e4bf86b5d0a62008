// Countries: their names in the reader's language; without a script their codes stand there.
const nameCountries = (root) => {
  if (typeof Intl.DisplayNames !== "function") return;
  const names = new Intl.DisplayNames([document.documentElement.lang || "en"], { type: "region", fallback: "none" });
  for (const place of root.querySelectorAll("[data-country]")) {
    const code = place.dataset.country;
    let name;
    try { name = names.of(code); } catch { /* it is no code that has a name */ }
    if (!name || name === code || place.querySelector(".unit")) continue;
    const short = document.createElement("span");
    short.className = "unit";
    short.textContent = code;
    place.replaceChildren(`${name} `, short);
  }
};
nameCountries(document);
document.addEventListener("pages:changed", (event) => nameCountries(event.target));
