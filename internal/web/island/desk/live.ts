// Live: the server rings a bell, the parts of the page that listen read themselves again.
import { one } from "./dom";

const patience = 2000; // milliseconds before a lost connection is worth a word
const settled = 100; // milliseconds after an answer: by then htmx has settled it, and its parts listen (it takes 20)

/**
 * Events arrive as {"topic":"inbox"} or {"topic":"conversation","ref":"01H..."}; each becomes "live:inbox", or "live:conversation"
 * and "live:conversation:01H...", on the body, for hx-trigger="live:inbox from:body".
 * After a reconnection, and on the topic "resync", every topic of the page rings once, because bells were missed.
 */
export function startLive(): void {
  const body = document.body;
  const url = body.dataset["live"];
  const said = one("#live-state");
  if (!url || !said || !("EventSource" in window)) return;
  let source: EventSource | undefined;
  let asked = "";
  let lost: number | undefined;
  let wasLost = false;

  const topics = () => (body.dataset["topic"] ?? "").split(/\s+/).filter(Boolean);
  // A part that is being read, or was swapped a moment ago and does not listen yet, misses a bell; what it reads may be older. So it
  // rings once more when nothing is on its way. What these bells themselves begin to read is as new as they are.
  let reading = 0;
  const missed = new Set<string>();
  const say = (...names: string[]) => {
    if (reading > 0) names.forEach((name) => missed.add(name));
    for (const name of names) body.dispatchEvent(new CustomEvent(`live:${name}`));
  };
  const done = () => {
    if (--reading > 0) return;
    const again = [...missed];
    missed.clear();
    say(...again);
  };
  document.addEventListener("htmx:beforeSend", (event) => {
    const xhr = (event as CustomEvent<{ xhr?: XMLHttpRequest }>).detail.xhr;
    if (!xhr) return;
    reading++;
    xhr.addEventListener("loadend", () => window.setTimeout(done, settled), { once: true });
  });
  const ring = (topic: string, ref: string) => {
    say(topic, ...(ref ? [`${topic}:${ref}`] : []));
  };
  const ringAll = () => {
    say(...new Set(topics().flatMap((topic) => [topic, topic.split(":")[0] ?? topic])));
  };
  const found = () => {
    window.clearTimeout(lost);
    lost = undefined;
    said.hidden = true;
    said.textContent = "";
    if (wasLost) {
      wasLost = false;
      ringAll();
    }
  };
  const missing = () => {
    lost ??= window.setTimeout(() => {
      wasLost = true;
      said.textContent = said.dataset["lost"] ?? "";
      said.hidden = false;
    }, patience);
  };
  // Whoever is signed out sees the door, unless something is written that would be lost.
  const out = () => {
    source?.close();
    const written = [...document.querySelectorAll<HTMLTextAreaElement>("form[data-composer] textarea")].some((area) => area.value.trim() !== "");
    if (!written) location.reload();
    said.textContent = said.dataset["out"] ?? "";
    said.hidden = false;
  };
  const hear = (event: MessageEvent<string>) => {
    try {
      const { topic, ref } = JSON.parse(event.data) as { topic?: unknown; ref?: unknown };
      if (topic === "out") out();
      else if (topic === "resync") ringAll();
      else if (typeof topic === "string") ring(topic, typeof ref === "string" ? ref : "");
    } catch {
      // A bell that cannot be read is no bell; the next reading of the page shows what is true.
    }
  };
  let again: number | undefined;
  const connect = () => {
    window.clearTimeout(again);
    asked = topics().join(" ");
    source?.close();
    if (asked === "") return;
    source = new EventSource(`${url}?topics=${encodeURIComponent(asked)}`);
    source.addEventListener("open", found);
    source.addEventListener("message", hear);
    source.addEventListener("change", hear as EventListener);
    source.addEventListener("error", () => {
      missing();
      // A closed source does not try again by itself (the server answered with an error).
      if (source?.readyState === EventSource.CLOSED) again = window.setTimeout(connect, 5000);
    });
  };
  connect();
  // A fragment may change what the page listens to: it carries data-topics.
  document.addEventListener("htmx:load", (event) => {
    const part = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-topics]") ?? one("[data-topics]", event.target) : null;
    if (part) body.dataset["topic"] = part.dataset["topics"] ?? "";
    if (topics().join(" ") !== asked) connect();
  });
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
}
