// Dialogs open without script as popovers; with it they are modal, keep the focus inside and give it back.
import { all, target } from "./dom";

function dialogOf(button: Element): HTMLDialogElement | null {
  const found = document.getElementById(button.getAttribute("popovertarget") ?? "");
  return found instanceof HTMLDialogElement ? found : null;
}

export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const at = target(event);
    const button = at?.closest("[popovertarget]");
    if (button) {
      const dialog = dialogOf(button);
      if (!dialog) return;
      event.preventDefault();
      if (dialog.open) dialog.close();
      else if (button.getAttribute("popovertargetaction") !== "hide") dialog.showModal();
      return;
    }
    // A click on the scrim, which belongs to the dialog itself, closes it.
    if (at instanceof HTMLDialogElement && at.open) {
      const box = at.getBoundingClientRect();
      const { clientX: x, clientY: y } = event as MouseEvent;
      if (x < box.left || x > box.right || y < box.top || y > box.bottom) at.close();
    }
  });
  // What a dialog asked for is being done: it goes away with the answer.
  document.addEventListener("htmx:afterRequest", (event) => {
    const detail = (event as CustomEvent<{ successful?: boolean }>).detail;
    const dialog = target(event)?.closest<HTMLDialogElement>("dialog[open]");
    if (dialog && detail.successful) dialog.close();
  });
  // A menu that opens gives the focus to its first line or field.
  document.addEventListener("toggle", (event) => {
    const menu = target(event);
    if (menu instanceof HTMLDetailsElement && menu.open && menu.matches("[data-menu]")) {
      menu.querySelector<HTMLElement>("input:not([type='hidden']), textarea, .item[aria-current], .item")?.focus();
    }
  }, true);
  // A menu closes when the attention goes elsewhere, and when something in it was chosen.
  document.addEventListener("click", (event) => {
    for (const menu of all<HTMLDetailsElement>("details[data-menu][open]")) {
      if (!(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
    }
  });
}
