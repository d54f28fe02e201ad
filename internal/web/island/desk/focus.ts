// After a swap the focus goes where the attention should: to what asks for it, to what is wrong, or to the new heading.
import { one, onEach, target, visible } from "./dom";

export function startFocus(): void {
  let swapped = false;
  let place: Element | null = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const into = (event as CustomEvent<{ target?: Element }>).detail.target;
    // Only when what had the focus is about to go: a part that reads itself again must not take it.
    place = into instanceof Element ? into : null;
    swapped = into instanceof Element && (into.contains(document.activeElement) || document.activeElement === document.body);
    const asked = target(event)?.closest("a[hx-get], form, button");
    if (asked && into instanceof Element && !into.hasAttribute("data-quiet")) swapped ||= asked.contains(document.activeElement);
    if (target(event)?.hasAttribute("hx-trigger")) swapped = false;
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!swapped) return;
    const part = target(event);
    // What was swapped beside the answer's own place does not take the focus.
    if (part && place?.id && part.id !== place.id && one(`#${CSS.escape(place.id)}`)?.contains(part) === false) return;
    swapped = false;
    if (!part) return;
    const to = [
      one("[autofocus]", part), one("[aria-invalid='true']", part), one("[data-focus]", part),
      one("[role='alert']", part), one("h1, h2", part),
    ].find((element) => element !== null && visible(element));
    if (!to || part.contains(document.activeElement) && document.activeElement !== part) return;
    if (!to.matches("a[href], button, input, select, textarea, [tabindex]")) to.tabIndex = -1;
    to.focus({ preventScroll: part.closest("[data-keep-scroll]") !== null });
  });
  // A thread opens at its end, where the news is.
  onEach("[data-scroll-end]", (part) => { part.scrollTop = part.scrollHeight; });
  // The first wrong field of a page that came back.
  one<HTMLElement>("form [aria-invalid='true']")?.focus();
}
