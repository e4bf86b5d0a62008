// Copies a text at a click; the button is hidden where that cannot be done.
for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const says = button.firstChild;
  const before = says.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    says.textContent = button.dataset.copied;
  } catch {
    says.textContent = button.dataset.byHand;
  }
  setTimeout(() => { says.textContent = before; }, 2000);
});
