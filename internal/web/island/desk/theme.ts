// The theme changes at once; the form then tells the server, which remembers it in a cookie.
import { all, target } from "./dom";

export function startThemes(): void {
  document.addEventListener("submit", (event) => {
    const form = target(event)?.closest<HTMLFormElement>("form[data-themes]");
    const button = (event as SubmitEvent).submitter;
    if (!form || !(button instanceof HTMLButtonElement)) return;
    event.preventDefault();
    const root = document.documentElement;
    if (button.value === "light" || button.value === "dark") root.dataset["theme"] = button.value;
    else delete root.dataset["theme"];
    for (const key of all<HTMLButtonElement>("button[name='theme']", form)) key.setAttribute("aria-pressed", String(key === button));
    const data = new FormData(form);
    data.set("theme", button.value);
    fetch(form.action, { method: "POST", body: new URLSearchParams(data as unknown as Record<string, string>), redirect: "manual" })
      .catch(() => form.submit());
  });
}
