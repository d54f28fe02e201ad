// A page with forms reads itself again only while nobody writes on it; else it says that something changed.
import { all, one, target } from "./dom";

function touched(part: HTMLElement): boolean {
  const focused = document.activeElement;
  if (focused instanceof HTMLElement && part.contains(focused) && focused.matches("input, textarea, select")) return true;
  if (one("details.fold[open], details[data-menu][open], dialog[open], .lifted", part)) return true;
  return all<HTMLInputElement | HTMLTextAreaElement>("textarea, input:not([type='hidden'])", part).some((field) =>
    field.type === "checkbox" || field.type === "radio" ? (field as HTMLInputElement).checked !== (field as HTMLInputElement).defaultChecked : field.value !== field.defaultValue,
  );
}

/** Tells that a part must not be drawn again now, and says so on it. */
function spared(part: unknown): boolean {
  if (!(part instanceof HTMLElement) || !part.matches("[data-careful]") || !touched(part)) return false;
  const news = one("[data-news]", part);
  if (news) news.hidden = false;
  return true;
}

export function startCareful(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (spared(target(event))) event.preventDefault();
  });
  // Somebody began while the answer was on its way.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<{ shouldSwap: boolean; requestConfig?: { elt?: Element } }>;
    if (spared(detail.requestConfig?.elt)) detail.shouldSwap = false;
  });
}
