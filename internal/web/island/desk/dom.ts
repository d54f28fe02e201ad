// Small words for reading the page.

export function one<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T | null {
  return within.querySelector<T>(selector);
}

export function all<T extends Element = HTMLElement>(selector: string, within: ParentNode = document): T[] {
  return [...within.querySelectorAll<T>(selector)];
}

/** What an event happened on, if it was an element. */
export function target(event: Event): Element | null {
  return event.target instanceof Element ? event.target : null;
}

export function visible(element: Element): boolean {
  return element.getClientRects().length > 0;
}

/** A person is typing, or choosing in a list. */
export function typing(element: Element | null): boolean {
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  return element instanceof HTMLInputElement && !["checkbox", "radio", "button", "submit", "reset", "file"].includes(element.type);
}

/** Runs start for each element that matches, now and whenever one comes with a swap. */
export function onEach<T extends HTMLElement>(selector: string, start: (element: T) => void): void {
  const known = new WeakSet<T>();
  const look = (within: ParentNode) => {
    const found = all<T>(selector, within);
    if (within instanceof HTMLElement && within.matches(selector)) found.push(within as T);
    for (const element of found) {
      if (known.has(element)) continue;
      known.add(element);
      start(element);
    }
  };
  look(document);
  document.addEventListener("htmx:load", (event) => {
    const element = target(event);
    if (element) look(element);
  });
}
