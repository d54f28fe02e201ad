// Moving posts in the calendar: by dragging them, or with the keyboard. Both fill in the same small form; without script each post
// has one of its own.
import { all, one, target, typing } from "./dom";

interface Place {
  cell: HTMLElement;
  at: string;
  second: string;
}

function placeOf(element: Element | null): Place | null {
  const cell = element?.closest<HTMLElement>("[data-cell]");
  if (!cell) return null;
  return { cell, at: cell.dataset["cell"] ?? "", second: cell.dataset["second"] ?? "" };
}

/** Where a post comes to stand: on a free slot exactly then, in an hour at the minute it had, on a day at the hour it had. */
function timeAt(place: Place, was: string): string {
  if (!place.cell.matches(".cal-hour")) return place.at;
  const minutes = /:(\d\d)$/.exec(was)?.[1] ?? "00";
  return place.at.replace(/:\d\d$/, `:${minutes}`);
}

function say(kind: "lifted" | "left" | "no" | string): void {
  const line = one("#cal-say");
  if (line) line.textContent = line.dataset[kind] ?? kind;
}

function mark(cell: HTMLElement | null): void {
  for (const other of all(".drop-here")) if (other !== cell) other.classList.remove("drop-here");
  cell?.classList.add("drop-here");
}

function send(card: HTMLElement, place: Place): void {
  const form = one<HTMLFormElement>("#cal-form");
  if (!form) return;
  const set = (name: string, value: string) => {
    const field = one<HTMLInputElement>(`input[name="${name}"]`, form);
    if (field) field.value = value;
  };
  set("post", card.dataset["card"] ?? "");
  set("at", timeAt(place, card.dataset["at"] ?? ""));
  set("second", place.second);
  focusAfter = `entry-${card.dataset["card"] ?? ""}`;
  form.requestSubmit();
}

let focusAfter = "";
let dragged: HTMLElement | null = null;
let lifted: { card: HTMLElement; cells: HTMLElement[]; at: number; across: number } | null = null;

function giveUp(words: string): void {
  if (!lifted) return;
  lifted.card.classList.remove("lifted");
  mark(null);
  lifted = null;
  say(words);
}

/** Takes a post up with the keyboard. The arrows walk over the places: up and down through a day, left and right through the days. */
function lift(card: HTMLElement): void {
  const grid = one("[data-grid]");
  if (!grid) return;
  const month = grid.dataset["grid"] === "month";
  const cells = all(month ? ".cal-cell" : ".cal-hour", grid);
  const per = month ? 1 : all(".cal-hour", one(".cal-day", grid) ?? grid).length;
  const own = card.closest<HTMLElement>("[data-cell], .cal-hour, .cal-cell");
  let at = own ? cells.indexOf(own) : -1;
  if (at < 0) at = cells.findIndex((cell) => cell.dataset["cell"] !== undefined);
  if (at < 0) return;
  lifted = { card, cells, at, across: month ? 7 : per };
  card.classList.add("lifted");
  mark(cells[at] ?? null);
  say("lifted");
}

/** The next place in a direction at which a post may stand. */
function step(by: number): void {
  if (!lifted) return;
  for (let next = lifted.at + by; next >= 0 && next < lifted.cells.length; next += by) {
    const cell = lifted.cells[next];
    if (cell?.dataset["cell"] === undefined) continue;
    lifted.at = next;
    mark(cell);
    cell.scrollIntoView({ block: "nearest" });
    say(cell.dataset["say"] ?? "");
    return;
  }
  say("no");
}

function keys(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (!lifted) {
    const link = target(event)?.closest<HTMLElement>("[data-lift]");
    const card = link?.closest<HTMLElement>("[data-card]");
    if (event.key.toLowerCase() !== "m" || !card || typing(target(event))) return;
    event.preventDefault();
    event.stopPropagation();
    lift(card);
    return;
  }
  const month = one("[data-grid]")?.dataset["grid"] === "month";
  const steps: Record<string, number> = month
    ? { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }
    : { ArrowLeft: -lifted.across, ArrowRight: lifted.across, ArrowUp: -1, ArrowDown: 1 };
  const by = steps[event.key];
  if (by !== undefined) step(by);
  else if (event.key === "Escape" || event.key === "Tab") giveUp("left");
  else if (event.key === "Enter") {
    const { card, cells, at } = lifted;
    const place = placeOf(cells[at] ?? null);
    giveUp("");
    if (place) send(card, place);
  } else return;
  if (event.key !== "Tab") event.preventDefault();
  event.stopPropagation();
}

export function startCalendar(): void {
  document.addEventListener("dragstart", (event) => {
    const card = target(event)?.closest<HTMLElement>("[data-card]");
    if (!card || !one("#cal-form")) return;
    dragged = card;
    card.classList.add("lifted");
    event.dataTransfer?.setData("text/plain", card.dataset["card"] ?? "");
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    if (!dragged) return;
    const place = placeOf(target(event));
    mark(place?.cell ?? null);
    if (place) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const place = placeOf(target(event));
    if (!dragged || !place) return;
    event.preventDefault();
    send(dragged, place);
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("lifted");
    dragged = null;
    mark(null);
  });
  document.addEventListener("keydown", keys, true);
  // A page that changes under a post that was taken up lets it go; after a move the post has the focus again.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!(target(event) as HTMLElement | null)?.closest("#calendar, #content")) return;
    lifted = null;
    if (focusAfter) one(`#${CSS.escape(focusAfter)}`)?.focus();
    focusAfter = "";
  });
}
