// Live: the server rings a bell, the parts of the page that listen read themselves again.
import { one } from "./dom";

const patience = 2000; // milliseconds before a lost connection is worth a word

/**
 * Events arrive as {"topic":"inbox"}; each becomes "live:inbox" on the body, for hx-trigger="live:inbox from:body".
 * After a reconnection every topic of the page rings once, because bells were missed.
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
  const ring = (topic: string, detail: unknown) => {
    body.dispatchEvent(new CustomEvent(`live:${topic}`, { detail }));
    const [kind] = topic.split(":");
    if (kind && kind !== topic) body.dispatchEvent(new CustomEvent(`live:${kind}`, { detail }));
  };
  const found = () => {
    window.clearTimeout(lost);
    lost = undefined;
    said.hidden = true;
    said.textContent = "";
    if (wasLost) {
      wasLost = false;
      for (const topic of topics()) ring(topic, {});
    }
  };
  const missing = () => {
    lost ??= window.setTimeout(() => {
      wasLost = true;
      said.textContent = said.dataset["lost"] ?? "";
      said.hidden = false;
    }, patience);
  };
  const hear = (event: MessageEvent<string>) => {
    try {
      const message = JSON.parse(event.data) as { topic?: unknown };
      if (typeof message.topic === "string") ring(message.topic, message);
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
