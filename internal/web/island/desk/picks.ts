// Several conversations can be ticked in the list; what is ticked stays so while the list reads itself again.
import { all, one, target } from "./dom";

const picked = new Set<string>();

function say(): void {
  const count = one("[data-picked]");
  if (count) count.textContent = picked.size > 0 ? String(picked.size) : "";
}

/** Ticks again what was ticked, and forgets what is not there any more. */
function restore(): void {
  const boxes = all<HTMLInputElement>("[data-pick]");
  const there = new Set(boxes.map((box) => box.value));
  for (const id of picked) if (!there.has(id)) picked.delete(id);
  for (const box of boxes) box.checked = picked.has(box.value);
  say();
}

/** Ticks, or unticks, the row that has the focus or else the one that is open. */
export function pickRow(): boolean {
  const row = document.activeElement?.closest("[data-move]") ?? one("#conversations [aria-current='true']");
  const box = row ? one<HTMLInputElement>("[data-pick]", row) : null;
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

export function anyPicked(): boolean {
  return picked.size > 0;
}

export function startPicks(): void {
  document.addEventListener("change", (event) => {
    const box = target(event);
    if (!(box instanceof HTMLInputElement) || !box.matches("[data-pick]")) return;
    if (box.checked) picked.add(box.value);
    else picked.delete(box.value);
    say();
  });
  document.addEventListener("htmx:afterSettle", restore);
  // A browser that comes back to the page brings its ticks along.
  window.addEventListener("pageshow", () => {
    for (const box of all<HTMLInputElement>("[data-pick]:checked")) picked.add(box.value);
    say();
  });
}
