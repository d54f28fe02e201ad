// Toasts say that something was done and go away by themselves, but not while someone reads or reaches for them.
import { all, one, onEach, target } from "./dom";

const shown = 8000; // milliseconds; WCAG 2.2.1: it stops while the pointer or the focus is on it

export function startToasts(): void {
  onEach("[data-toast]", (toast) => {
    let timer: number | undefined;
    // Only the last thing done can be taken back: an older offer of the same kind goes, and so does one that was taken.
    const undo = one<HTMLFormElement>("form", toast)?.getAttribute("action");
    if (undo) for (const older of all("[data-toast]")) if (older !== toast && one("form", older)?.getAttribute("action") === undo) older.remove();
    toast.addEventListener("htmx:afterRequest", () => toast.remove());
    const start = () => { timer = window.setTimeout(() => toast.remove(), shown); };
    const stop = () => window.clearTimeout(timer);
    for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stop);
    for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, () => { stop(); start(); });
    start();
  });
  document.addEventListener("click", (event) => {
    target(event)?.closest("[data-close-toast]")?.closest("[data-toast]")?.remove();
  });
  // A request that failed altogether says so in words: nothing waits without a reason.
  let hide: number | undefined;
  const failed = (event: Event) => {
    const silent = target(event)?.closest("[data-quiet]");
    const said = one("#live-state");
    if (silent || !said) return;
    said.textContent = said.dataset["failed"] ?? "";
    said.hidden = false;
    window.clearTimeout(hide);
    hide = window.setTimeout(() => { said.hidden = true; }, shown);
  };
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, failed);
}
