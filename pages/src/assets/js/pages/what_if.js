// A ready-made edit goes into the editor without a round; the rules stay at hand when the user comes back to them.
const editor = document.querySelector("[data-rules]");
const key = "tributary-what-if";
if (editor) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    const edit = button && document.getElementById(button.dataset.insert);
    if (!edit) return;
    event.preventDefault();
    const before = editor.value.trimEnd();
    editor.value = `${before}${before ? "\n\n" : ""}${edit.textContent}`;
    editor.focus();
    editor.setSelectionRange(editor.value.length, editor.value.length);
    editor.scrollTop = editor.scrollHeight;
  });
  const line = document.querySelector("[data-line]");
  if (line) {
    const lines = editor.value.split("\n");
    const at = Number(line.dataset.line) - 1;
    const start = lines.slice(0, at).join("\n").length + (at > 0 ? 1 : 0);
    editor.focus();
    editor.setSelectionRange(start, start + (lines[at] ?? "").length);
  }
  try {
    if (!editor.value) editor.value = sessionStorage.getItem(key) ?? "";
    editor.form.addEventListener("submit", () => sessionStorage.setItem(key, editor.value));
  } catch { /* they are not remembered */ }
}
