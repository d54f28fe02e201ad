// Writing a post: the ruler moves as one writes, variants follow the message until they are changed by hand, files go up at
// once, and the page says when it was last saved. The server counts, adapts and keeps; this only shows it in time.
import { all, one, onEach, target } from "./dom";
import { graphemes } from "./count";

const touchEvery = 15_000; // milliseconds between two signs that somebody is here; the server forgets after 30 s

function field(form: HTMLFormElement, selector: string): HTMLTextAreaElement | null {
  return one<HTMLTextAreaElement>(selector, form);
}

/** Tells the part that keeps the draft that something changed other than by typing. */
function changed(): void {
  document.body.dispatchEvent(new CustomEvent("post-changed"));
}

function moveRuler(form: HTMLFormElement): void {
  const ruler = one<SVGElement>("[data-scale]", form);
  const main = field(form, "[data-main]");
  const here = ruler ? one<SVGElement>("[data-here]", ruler) : null;
  if (!ruler || !here || !main) return;
  const whole = Number(ruler.dataset["scale"] ?? 0);
  if (whole > 0) here.setAttribute("x", `${Math.min(100, (graphemes(main.value) / whole) * 100).toFixed(2)}%`);
}

/** The marks stand for the text as it was saved: while it is another they do not show. */
function checkMarks(form: HTMLFormElement): void {
  const marks = one("#post-marks", form);
  const main = field(form, "[data-main]");
  if (marks && main) marks.classList.toggle("old", marks.textContent?.replace(/\r\n/g, "\n") !== main.value);
}

function showOwn(panel: HTMLElement, own: boolean): void {
  const is = one<HTMLInputElement>("[data-own-is]", panel);
  if (is) is.value = own ? "1" : "0";
  const follows = one("[data-own-follows]", panel);
  const byHand = one("[data-own-changed]", panel);
  if (follows) follows.hidden = own;
  if (byHand) byHand.hidden = !own;
}

function isOwn(panel: HTMLElement): boolean {
  return one<HTMLInputElement>("[data-own-is]", panel)?.value === "1";
}

function startVariants(form: HTMLFormElement): void {
  form.addEventListener("input", (event) => {
    const at = target(event);
    if (at?.matches("[data-main]")) {
      const main = at as HTMLTextAreaElement;
      for (const panel of all("[data-own]", form)) {
        const text = one<HTMLTextAreaElement>("[data-own-text]", panel);
        if (text && !isOwn(panel)) {
          text.value = main.value;
          showOwn(panel, false);
        }
      }
      moveRuler(form);
      checkMarks(form);
      return;
    }
    const panel = at?.closest<HTMLElement>("[data-own]");
    if (panel && !at?.matches(".tab-in")) showOwn(panel, true);
  });
}

function startFocusPoints(form: HTMLFormElement): void {
  const place = (n: string) => {
    const x = one<HTMLInputElement>(`[data-focus-x="${n}"]`, form);
    const y = one<HTMLInputElement>(`[data-focus-y="${n}"]`, form);
    const dot = one<SVGElement>(`[data-focus-on="${n}"] [data-focus-dot]`, form);
    if (!x || !y || !dot) return;
    dot.setAttribute("cx", x.value);
    dot.setAttribute("cy", String(-Number(y.value)));
  };
  form.addEventListener("input", (event) => {
    const at = target(event);
    if (!(at instanceof HTMLInputElement)) return;
    const n = at.dataset["focusX"] ?? at.dataset["focusY"];
    if (n) place(n);
  });
  form.addEventListener("click", (event) => {
    const picture = target(event)?.closest<HTMLElement>("[data-focus-on]");
    const n = picture?.dataset["focusOn"];
    const item = picture?.closest("li");
    if (!picture || !n || !item || !one<HTMLDetailsElement>(".focus-fold[open]", item)) return;
    const box = picture.getBoundingClientRect();
    const { clientX, clientY } = event as MouseEvent;
    const x = one<HTMLInputElement>(`[data-focus-x="${n}"]`, form);
    const y = one<HTMLInputElement>(`[data-focus-y="${n}"]`, form);
    if (!x || !y) return;
    x.value = String(Math.round(((clientX - box.left) / box.width) * 200 - 100));
    y.value = String(Math.round(100 - ((clientY - box.top) / box.height) * 200));
    place(n);
    changed();
  });
}

/** Files go up as soon as they are chosen or pasted; the answer draws the list again. */
function startUploads(form: HTMLFormElement): void {
  const input = one<HTMLInputElement>("[data-upload]", form);
  const saved = () => one("#post-saved", form);
  const upload = async (files: File[]) => {
    const url = input?.dataset["upload"];
    if (!url || files.length === 0) return;
    const data = new FormData(form);
    data.delete("file");
    for (const file of files) data.append("file", file);
    try {
      const answer = await fetch(url, { method: "POST", body: data, headers: { "HX-Request": "true" } });
      const to = answer.headers.get("HX-Redirect");
      if (to) {
        location.assign(to);
        return;
      }
      swap(await answer.text());
      changed();
    } catch {
      const said = saved();
      if (said) said.textContent = said.dataset["lost"] ?? "";
    }
  };
  input?.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    input.value = "";
    void upload(files);
  });
  form.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (files.length === 0 || !input) return;
    event.preventDefault();
    void upload(files);
  });
}

interface Htmx {
  process(element: Element): void;
}

/** Puts the parts of an answer in the place of those with the same id. */
function swap(html: string): void {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const part of all("[hx-swap-oob]", parsed)) {
    const old = document.getElementById(part.id);
    if (!old) continue;
    part.removeAttribute("hx-swap-oob");
    const fresh = document.importNode(part, true);
    old.replaceWith(fresh);
    (window as unknown as { htmx?: Htmx }).htmx?.process(fresh);
  }
}

/** Says how long ago it was saved, and that something is not saved yet. */
function startSaved(form: HTMLFormElement): void {
  const since = new WeakMap<Element, number>(); // when each said so, by this machine's own clock
  const say = () => {
    const said = one("#post-saved", form);
    const ago = said?.dataset["ago"];
    if (!said || !ago || said.classList.contains("over") || said.hasAttribute("data-dirty")) return;
    if (!since.has(said)) since.set(said, performance.now());
    const seconds = Math.round(Number(ago) + (performance.now() - (since.get(said) ?? 0)) / 1000);
    if (seconds >= 3600) return;
    const words = seconds < 2 ? said.dataset["now"] : seconds < 60 ? said.dataset["seconds"] : said.dataset["minutes"];
    const text = (words ?? "").replace("#", String(seconds < 60 ? seconds : Math.floor(seconds / 60)));
    if (said.textContent !== text && (seconds < 10 || seconds % 10 === 0 || seconds >= 60)) said.textContent = text;
  };
  window.setInterval(say, 1000);
  form.addEventListener("input", (event) => {
    const said = one("#post-saved", form);
    if (!said || said.classList.contains("over") || !one("[data-keeps]", form) || target(event)?.matches(".tab-in, [name='when'], [name='at'], [name='confirm']")) return;
    said.setAttribute("data-dirty", "");
    said.textContent = said.dataset["unsaved"] ?? "";
  });
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) {
    document.addEventListener(name, (event) => {
      const said = one("#post-saved", form);
      if (said && target(event)?.id === "post-keep") said.textContent = said.dataset["lost"] ?? "";
    });
  }
}

/** Whoever has the page before them is in it. */
function startTouch(form: HTMLFormElement): void {
  const touch = async () => {
    const url = form.dataset["touch"];
    const id = one<HTMLInputElement>("[name='post']", form)?.value;
    if (!url || !id || document.visibilityState === "hidden" || !form.isConnected) return;
    try {
      const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ post: id }), headers: { "HX-Request": "true" } });
      if (answer.ok) swap(await answer.text());
    } catch {
      // The next sign says it again.
    }
  };
  void touch();
  window.setInterval(() => void touch(), touchEvery);
}

function startHelp(form: HTMLFormElement): void {
  const show = () => {
    for (const key of all<HTMLElement>("[data-select], [data-fill-at]", form)) key.hidden = false;
  };
  show();
  document.addEventListener("htmx:oobAfterSwap", () => {
    show();
    // A post that was new has a place now: the page listens to what others do there.
    const bell = one("[data-bell]");
    const page = bell?.closest<HTMLElement>("[data-topics]");
    if (bell && page) page.dataset["topics"] = bell.dataset["bell"] ?? "";
    checkMarks(form);
    moveRuler(form);
  });
  form.addEventListener("click", (event) => {
    const at = target(event);
    const select = at?.closest<HTMLElement>("[data-select]");
    const fill = at?.closest<HTMLElement>("[data-fill-at]");
    const tags = at?.closest<HTMLElement>("[data-tags]");
    const main = field(form, "[data-main]");
    if (select && main) {
      const [from, to] = (select.dataset["select"] ?? "").split(",").map(Number);
      const tab = one<HTMLInputElement>("#tab-message", form);
      if (tab) tab.checked = true;
      main.focus();
      main.setSelectionRange(from ?? 0, to ?? 0);
      return;
    }
    const hour = one<HTMLInputElement>("#post-at", form);
    if (fill && hour) {
      hour.value = fill.dataset["fillAt"] ?? "";
      hour.dispatchEvent(new Event("change", { bubbles: true }));
      hour.focus();
      return;
    }
    const list = one<HTMLInputElement>("[name='tags']", form);
    if (tags && list) {
      event.preventDefault();
      const there = new Set(list.value.split(/[\s,]+/).filter(Boolean));
      for (const tag of (tags.dataset["tags"] ?? "").split(/[\s,]+/).filter(Boolean)) there.add(tag);
      list.value = [...there].join(" ");
      list.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
}

export function startPosts(): void {
  onEach<HTMLFormElement>("form[data-post]", (form) => {
    startVariants(form);
    startFocusPoints(form);
    startUploads(form);
    startSaved(form);
    startTouch(form);
    startHelp(form);
    checkMarks(form);
    moveRuler(form);
    // Leaving the page while something is on its way to be kept does not lose it: the browser still sends it.
    window.addEventListener("pagehide", () => {
      const keep = one("[data-keeps]", form);
      const url = keep?.getAttribute("hx-post");
      if (!url || !one("[data-dirty]", form)) return;
      const data = new FormData(form);
      data.delete("file");
      navigator.sendBeacon(url, new URLSearchParams(data as unknown as Record<string, string>));
    });
    form.addEventListener("submit", () => one("[data-dirty]", form)?.removeAttribute("data-dirty"));
  });
  // What asks before something happens comes as a dialog over the page.
  onEach<HTMLDialogElement>("dialog[data-opens]", (dialog) => {
    dialog.removeAttribute("popover");
    dialog.showModal();
    one<HTMLElement>("[data-focus]", dialog)?.focus();
  });
}
