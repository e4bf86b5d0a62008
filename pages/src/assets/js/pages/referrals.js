// A note is edited in a dialog of the list, instead of on a page of its own.
document.addEventListener("click", (event) => {
  const edit = event.target.closest("[data-note-of]");
  const dialog = edit && document.getElementById("note-dialog");
  if (!dialog?.showModal || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const form = dialog.querySelector("form[method=post]");
  const uid = edit.dataset.noteOf;
  const target = new URL(edit.href);
  target.searchParams.delete("next");
  form.action = target.pathname + target.search;
  form.elements.note.value = edit.closest("td").querySelector(".note").textContent;
  // Each note is a command of its own.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  form.elements._key.value = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  dialog.querySelector("h2").textContent = dialog.querySelector("[data-title]").dataset.title.replace("{uid}", uid);
  dialog.showModal();
  form.elements.note.focus();
});
