// A link from another site does not bring the cookie along; asking from this page does.
const place = document.querySelector("[data-sign-in]");
if (place) {
  const answer = await fetch(`${document.documentElement.dataset.base ?? ""}/sign-in/state`, { cache: "no-store" }).catch(() => null);
  if (answer?.status === 204) location.replace(place.dataset.signIn);
}
