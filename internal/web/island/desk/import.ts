// Exports on their way in: a file is sent in parts, each where the last one ended, so that a lost line, a reload or a restart loses nothing.
import { one, onEach } from "./dom";

type Says = { id: string; received: number; size: number; state: string };

const longest = 30_000; // milliseconds between two tries

export function startImports(): void {
  onEach<HTMLFormElement>("form[data-import]", (form) => {
    const input = one<HTMLInputElement>("input[type=file]", form);
    const said = one<HTMLElement>("[data-say]", form);
    if (!input || !said) return;
    const say = (words: string) => {
      said.textContent = words;
      said.hidden = words === "";
    };
    const waiting: File[] = [];
    let busy = false;

    const next = async () => {
      if (busy) return;
      busy = true;
      for (let file = waiting.shift(); file; file = waiting.shift()) {
        try {
          await send(form, file, say);
        } catch (problem) {
          say(problem instanceof Error ? problem.message : String(problem));
        }
      }
      busy = false;
    };
    const take = (files: FileList | null | undefined) => {
      say("");
      waiting.push(...(files ?? []));
      void next();
    };
    input.addEventListener("change", () => {
      take(input.files);
      input.value = "";
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("dragover", (event) => {
      event.preventDefault();
      form.classList.add("over");
    });
    form.addEventListener("dragleave", () => form.classList.remove("over"));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      form.classList.remove("over");
      take(event.dataTransfer?.files);
    });
  });
}

/** The same file, begun before and not here whole: it goes on where it stopped. */
function begun(file: File): string | undefined {
  for (const card of document.querySelectorAll<HTMLElement>("[data-upload]")) {
    if (card.dataset["name"] === file.name && Number(card.dataset["size"]) === file.size) return card.dataset["upload"];
  }
  return undefined;
}

class Refused extends Error {}

async function ask(url: string, body?: BodyInit): Promise<Says> {
  const response = await fetch(url, { method: body === undefined ? "GET" : "POST", body: body ?? null, headers: { Accept: "application/json" }, redirect: "error" });
  if (response.ok) return (await response.json()) as Says;
  if (response.status >= 500 || response.status === 429) throw new Error(String(response.status));
  let words = String(response.status);
  try {
    const problem = (await response.json()) as { title?: string; detail?: string; remedy?: string };
    words = [problem.title, problem.detail, problem.remedy].filter(Boolean).join(" ") || words;
  } catch {
    // The status is all there is to say.
  }
  throw new Refused(words);
}

interface Htmx {
  ajax(verb: string, path: string, context: { target: string; swap: string; select: string }): Promise<void>;
}

/** Puts the card of an import on the page, however far it is by now; from then on the card reads itself again. */
function show(path: string, id: string): void {
  if (document.getElementById(id)) return;
  const htmx = (window as unknown as { htmx?: Htmx }).htmx;
  void htmx?.ajax("GET", path, { target: "#going", swap: "afterbegin", select: `#${id}` });
}

async function send(form: HTMLFormElement, file: File, say: (words: string) => void): Promise<void> {
  const base = form.getAttribute("action") ?? "";
  const chunk = Number(form.dataset["chunk"] ?? 0) || 1 << 20;
  const known = begun(file);
  let state = known
    ? await ask(`${base}/${known}/state`)
    : await ask(base, new URLSearchParams({ name: file.name, size: String(file.size) }));
  show(`${base}/${state.id}`, state.id);
  for (let pause = 500; state.state === "arriving"; ) {
    const at = state.received;
    try {
      state = await ask(`${base}/${state.id}/bytes?at=${at}`, file.slice(at, at + chunk));
      pause = 500;
      say("");
    } catch (problem) {
      if (problem instanceof Refused) {
        // Another page may have sent the same part: what the house has is what counts.
        const now = await ask(`${base}/${state.id}/state`);
        if (now.state === "arriving" && now.received === at) throw problem;
        state = now;
        continue;
      }
      say(form.dataset["lost"] ?? "");
      await new Promise((go) => window.setTimeout(go, pause));
      pause = Math.min(pause * 2, longest);
      try {
        state = await ask(`${base}/${state.id}/state`);
      } catch (again) {
        if (again instanceof Refused) throw again;
      }
    }
  }
}
