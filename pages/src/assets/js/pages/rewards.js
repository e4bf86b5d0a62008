// An export is fetched as a stream, so that its size so far is seen and it can be stopped; then the browser saves it.
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const fileName = (answer) => /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1] ?? "rewards";
const save = (parts, type, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};
// What the page says, with what it is about.
const said = (text, about = {}) => Object.entries(about).reduce((text, [name, value]) => text.replace(`{${name}}`, () => value), text);
const refusal = async (answer, otherwise) => {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector(".problem")?.textContent.trim() ?? said(otherwise, { status: answer.status });
};
for (const form of document.querySelectorAll("[data-export]")) {
  const progress = form.parentElement.querySelector("[data-export-progress]");
  const cancel = form.querySelector("[data-export-cancel]");
  const start = form.querySelector("[type=submit]");
  let running;
  cancel.addEventListener("click", () => running?.abort());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    running = new AbortController();
    cancel.hidden = false;
    start.disabled = true;
    progress.textContent = progress.dataset.begins;
    try {
      const address = `${form.action}?${new URLSearchParams(new FormData(form))}`;
      const answer = await fetch(address, { signal: running.signal, cache: "no-store" });
      if (!answer.ok) {
        progress.textContent = said(progress.dataset.refused, { why: await refusal(answer, progress.dataset.answered) });
      } else {
        const parts = [];
        let bytes = 0;
        let told = 0;
        const stream = answer.body.getReader();
        for (let read = await stream.read(); !read.done; read = await stream.read()) {
          parts.push(read.value);
          bytes += read.value.length;
          if (performance.now() - told > 500) {
            told = performance.now();
            progress.textContent = said(progress.dataset.soFar, { size: size(bytes) });
          }
        }
        const name = fileName(answer);
        save(parts, answer.headers.get("content-type") ?? "", name);
        progress.textContent = said(progress.dataset.done, { name, size: size(bytes), position: answer.headers.get("tributary-position") ?? "?" });
      }
    } catch (error) {
      progress.textContent = error.name === "AbortError" ? progress.dataset.stopped : progress.dataset.cutOff;
    }
    cancel.hidden = true;
    start.disabled = false;
  });
}
