// The public pages in the browser: a key that prints. Everything else on them works without script, and so does printing
// from the browser's own menu.
for (const key of document.querySelectorAll<HTMLButtonElement>("[data-print]")) {
  key.hidden = false;
  key.addEventListener("click", () => window.print());
}
