// A menu closes when something else is clicked, or at Escape.
const closeAll = (but) => {
  for (const menu of document.querySelectorAll("details.popover-menu[open]")) if (menu !== but) menu.open = false;
};
document.addEventListener("click", (event) => closeAll(event.target.closest("details.popover-menu")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.activeElement?.closest("details.popover-menu[open]")?.querySelector("summary").focus();
  closeAll();
});
