// The keyboard: single letters, only while nobody is typing, and never when the member switched them off.
import { all, one, target, typing, visible } from "./dom";
import { anyPicked, pickRow } from "./picks";

const rows = "[data-move]";

function currentRow(list: HTMLElement[]): number {
  const focused = list.findIndex((row) => row.contains(document.activeElement));
  return focused >= 0 ? focused : list.findIndex((row) => row.getAttribute("aria-current") === "true");
}

/** Moves to the next or previous row and focuses its link; opening it stays a choice, with Enter. */
function move(by: 1 | -1): boolean {
  const list = all(rows).filter(visible);
  if (list.length === 0) return false;
  const at = currentRow(list);
  const next = list[at < 0 ? 0 : Math.min(list.length - 1, Math.max(0, at + by))];
  const link = next ? one<HTMLAnchorElement>("a[href]", next) : null;
  if (!next || !link) return false;
  link.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
  return true;
}

/** Opens a case from the row that has the focus, unless several are ticked: then it is opened from those. */
function openCase(): boolean {
  if (anyPicked()) return false;
  const row = document.activeElement?.closest<HTMLElement>("[data-case]");
  if (!row?.dataset["case"]) return false;
  window.location.assign(row.dataset["case"]);
  return true;
}

/** Presses the key of the page that carries this letter. */
function press(letter: string): boolean {
  const open = one<HTMLDialogElement>("dialog[open]");
  const key = all(`[data-key="${CSS.escape(letter)}"]`, open ?? document).find(
    (element) => visible(element) && !element.matches(":disabled, [aria-disabled='true']"),
  );
  if (!key) return false;
  if (key.matches("input, textarea, select")) key.focus();
  else key.click();
  return true;
}

function search(): boolean {
  const field = all<HTMLInputElement>("input[type='search'], [data-search]").find(visible);
  if (field) {
    field.focus();
    field.select();
    return true;
  }
  const link = one<HTMLAnchorElement>("[data-search-link]");
  link?.click();
  return link !== null;
}

function help(): boolean {
  const opener = one<HTMLButtonElement>("[popovertarget='keys-help']");
  opener?.click();
  return opener !== null;
}

/** In an open menu the arrows go from line to line. */
function moveInMenu(by: 1 | -1): boolean {
  const menu = one("details[data-menu][open]");
  if (!menu) return false;
  const items = all(".item", menu).filter(visible);
  if (items.length === 0) return false;
  const at = items.findIndex((item) => item === document.activeElement);
  items[(at + by + items.length) % items.length]?.focus();
  return true;
}

/** Escape leaves a field first, then the conversation. Dialogs and menus close themselves. */
function escape(): boolean {
  const focused = document.activeElement;
  if (one("dialog[open]") || one(":popover-open")) return false;
  const menu = one<HTMLDetailsElement>("details[data-menu][open]");
  if (menu) {
    menu.open = false;
    one("summary", menu)?.focus();
    return true;
  }
  if (typing(focused)) {
    (focused as HTMLElement).blur();
    return true;
  }
  const back = all<HTMLElement>("[data-back]").find(visible);
  back?.click();
  return back !== undefined;
}

export function startKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.key === "Escape") {
      if (escape()) event.preventDefault();
      return;
    }
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && moveInMenu(event.key === "ArrowDown" ? 1 : -1)) {
      event.preventDefault();
      return;
    }
    if (document.body.dataset["keys"] === "off" || typing(target(event))) return;
    if (one("dialog[open], :popover-open") && event.key !== "?") return;
    let done = false;
    switch (event.key) {
      case "j": done = move(1); break;
      case "k": done = move(-1); break;
      case "c": done = openCase() || press("c"); break;
      case "x": done = pickRow(); break;
      case "/": done = search(); break;
      case "?": done = help(); break;
      default:
        if (/^[a-z]$/i.test(event.key) && !event.shiftKey) done = press(event.key.toLowerCase());
    }
    if (done) event.preventDefault();
  });
}
