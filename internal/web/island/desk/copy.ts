// A key that copies a text says so; where the browser does not allow it, the text is selected to be copied by hand.
import { one, target } from "./dom";

export function startCopy(): void {
  document.addEventListener("click", (event) => {
    const key = target(event)?.closest<HTMLElement>("[data-copy]");
    const field = key ? document.getElementById(key.dataset["copy"] ?? "") : null;
    if (!key || !(field instanceof HTMLInputElement)) return;
    field.select();
    const words = one("span", key);
    const before = words?.textContent ?? "";
    navigator.clipboard?.writeText(field.value).then(() => {
      if (!words) return;
      words.textContent = key.dataset["done"] ?? before;
      window.setTimeout(() => { words.textContent = before; }, 2500);
    }, () => field.focus());
  });
}
