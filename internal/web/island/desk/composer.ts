// The composer: the ruler moves as one writes, drafts are kept, others are told, files show themselves.
import { all, one, onEach, target } from "./dom";
import { measure, tooLong, type Rule } from "./count";
import { startFiles } from "./files";

const draftAfter = 1200; // milliseconds of rest before a draft is kept
const writingEvery = 8000; // milliseconds between two signs that somebody writes

function rule(form: HTMLFormElement): Rule | null {
  const { count, max, maxBytes, linkLength } = form.dataset;
  if (!max) return null;
  return {
    count: count === "mastodon" ? "mastodon" : "graphemes",
    max: Number(max), maxBytes: Number(maxBytes ?? 0), linkLength: Number(linkLength ?? 0),
  };
}

function startCounter(form: HTMLFormElement, area: HTMLTextAreaElement): void {
  const by = rule(form);
  const said = one<HTMLOutputElement>("[data-counted]", form);
  if (!by || !said) return;
  const here = one<SVGElement>("[data-here]", form);
  let problem = "";
  const show = () => {
    const length = measure((form.dataset["prefix"] ?? "") + area.value, by);
    const over = tooLong(length, by);
    here?.setAttribute("x", `${Math.min(100, (length.count / by.max) * 92.6).toFixed(2)}%`);
    said.replaceChildren();
    const n = document.createElement("b");
    n.textContent = String(length.count);
    said.append(n, ` ${said.dataset["words"] ?? ""}`);
    problem = "";
    if (over) {
      problem = length.count > by.max ? `${said.dataset["over"] ?? ""} ${length.count - by.max}` : said.dataset["heavy"] ?? "";
      said.append(`, ${problem}`);
    }
    said.classList.toggle("over", over);
    area.setCustomValidity(problem);
  };
  area.addEventListener("input", show);
  show();
}

/** Sends what is written, quietly: it does not touch the page. */
async function post(url: string, data: Record<string, string>): Promise<boolean> {
  try {
    const answer = await fetch(url, { method: "POST", body: new URLSearchParams(data), headers: { "HX-Request": "true" }, keepalive: true });
    // Who is signed out is led to the door: nothing was kept.
    return answer.ok && !answer.headers.has("HX-Redirect");
  } catch {
    return false;
  }
}

function startDraft(form: HTMLFormElement, area: HTMLTextAreaElement): void {
  const url = form.dataset["draft"];
  if (!url) return;
  const state = one("[data-draft-state]", form);
  const place = `ponte:${form.action}`; // where this tab remembers what the server could not keep
  const remember = () => { try { sessionStorage.setItem(place, area.value); } catch { /* the tab may not remember anything */ } };
  let kept = area.value;
  let timer: number | undefined;
  let sending = false;
  const keep = async () => {
    window.clearTimeout(timer);
    if (sending || area.value === kept || !form.isConnected) return;
    const text = area.value;
    const ok = await post(url, { [area.name]: text });
    if (ok) kept = text;
    else {
      remember();
      timer = window.setTimeout(() => void keep(), draftAfter * 5);
    }
    if (state) state.textContent = (ok ? state.dataset["kept"] : state.dataset["failed"]) ?? "";
  };
  area.addEventListener("input", () => {
    window.clearTimeout(timer);
    if (state) state.textContent = "";
    timer = window.setTimeout(() => void keep(), draftAfter);
  });
  area.addEventListener("blur", () => void keep());
  form.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    if (xhr.getResponseHeader("HX-Redirect")) remember();
  });
  try {
    const before = sessionStorage.getItem(place);
    sessionStorage.removeItem(place);
    if (before && area.value === "") {
      area.value = before;
      form.classList.remove("folds");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  } catch { /* as above */ }
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") void keep(); });
  // What is being sent is no draft any more; a late save must not bring it back.
  const leaving = () => { sending = true; window.clearTimeout(timer); };
  form.addEventListener("submit", leaving);
  form.addEventListener("htmx:beforeRequest", leaving);
  form.addEventListener("htmx:afterRequest", (event) => {
    if (!(event as CustomEvent<{ successful?: boolean }>).detail.successful) sending = false;
  });
}

function startWriting(form: HTMLFormElement, area: HTMLTextAreaElement): void {
  const url = form.dataset["writing"];
  if (!url) return;
  let last = 0;
  area.addEventListener("input", () => {
    if (Date.now() - last < writingEvery) return;
    last = Date.now();
    void post(url, {});
  });
}

/** Puts a saved reply where the cursor stands. */
function insert(area: HTMLTextAreaElement, text: string): void {
  area.focus();
  const { selectionStart: from, selectionEnd: to, value } = area;
  const before = value.slice(0, from);
  area.setRangeText((before && !/\s$/.test(before) ? " " : "") + text, from, to, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

export function startComposers(): void {
  onEach<HTMLFormElement>("form[data-composer]", (form) => {
    const area = one<HTMLTextAreaElement>("textarea", form);
    if (!area) return;
    startCounter(form, area);
    startDraft(form, area);
    startWriting(form, area);
    startFiles(form);
    // Enter with Ctrl or Cmd sends, as everywhere.
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    area.addEventListener("input", () => form.classList.remove("folds"), { once: true });
  });
  document.addEventListener("click", (event) => {
    const button = target(event)?.closest<HTMLElement>("[data-insert]");
    const form = button?.closest("form");
    const area = form ? one<HTMLTextAreaElement>("textarea", form) : null;
    if (!button || !area) return;
    for (const menu of all<HTMLDetailsElement>("details[data-menu][open]")) menu.open = false;
    insert(area, button.dataset["insert"] ?? "");
    const used = form ? one<HTMLInputElement>('input[name="saved"]', form) : null;
    if (used) used.value = button.dataset["saved"] ?? "";
  });
  // htmx asks the browser's own validation before it sends; a form without htmx does so anyway.
  document.addEventListener("htmx:validation:failed", (event) => {
    const field = target(event);
    if (field instanceof HTMLTextAreaElement) field.reportValidity();
  });
}
