// A key that prints the page. Without script it is not there; the browser's own menu prints too.
import { onEach } from "./dom";

export function startPrint(): void {
  onEach<HTMLButtonElement>("[data-print]", (key) => {
    key.hidden = false;
    key.addEventListener("click", () => window.print());
  });
}
