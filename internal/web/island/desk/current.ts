// The inbox swaps only the conversation: the list marks the one that is open, and on a narrow screen gives way to it.
import { all, one } from "./dom";

function mark(): void {
  const inbox = one("#inbox");
  if (!inbox) return;
  const here = window.location.pathname;
  let found = false;
  for (const row of all("[data-move]", inbox)) {
    const link = one<HTMLAnchorElement>("h3 a[href]", row);
    const current = link !== null && new URL(link.href).pathname === here;
    if (current) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
    found ||= current;
  }
  inbox.classList.toggle("open", one("#talk[data-open]", inbox) !== null);
}

export function startCurrent(): void {
  document.addEventListener("htmx:pushedIntoHistory", () => {
    mark();
    if (window.matchMedia("(width < 56rem)").matches) window.scrollTo(0, 0);
  });
  document.addEventListener("htmx:afterSettle", mark);
}
