// Files beside a text: each shows itself and asks for a description.
import { one } from "./dom";

export function startFiles(form: HTMLFormElement): void {
  const input = one<HTMLInputElement>("[data-files]", form);
  const list = one<HTMLUListElement>("[data-pictures]", form);
  const pattern = one<HTMLTemplateElement>("template[data-picture]", form);
  if (!input || !list || !pattern) return;
  const max = Number(pattern.dataset["max"] ?? 0);
  const maxSize = Number(pattern.dataset["maxSize"] ?? 0);
  let chosen: { file: File; item: HTMLLIElement }[] = [];

  // The input holds what will be sent; it is rewritten whenever the list changes, so that descriptions keep their order.
  const settle = () => {
    const files = new DataTransfer();
    for (const { file } of chosen) files.items.add(file);
    input.files = files.files;
    form.classList.remove("folds");
  };
  const tell = (words: string) => {
    input.setCustomValidity(words);
    input.reportValidity();
    input.setCustomValidity("");
  };
  const add = (file: File) => {
    if (max > 0 && chosen.length >= max) return tell(pattern.dataset["tooMany"] ?? "");
    if (maxSize > 0 && file.size > maxSize) return tell(`${pattern.dataset["tooBig"] ?? ""} ${file.name}`);
    const item = (pattern.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLLIElement;
    const picture = one<HTMLImageElement>("img", item);
    const reader = new FileReader();
    // A data: address, because the content security policy allows no blob: pictures.
    reader.addEventListener("load", () => { if (picture && typeof reader.result === "string") picture.src = reader.result; });
    if (file.type.startsWith("image/")) reader.readAsDataURL(file);
    const name = one("[data-name]", item);
    if (name) name.textContent = file.name;
    const entry = { file, item };
    one("[data-remove]", item)?.addEventListener("click", () => {
      chosen = chosen.filter((other) => other !== entry);
      item.remove();
      settle();
      input.focus();
    });
    chosen.push(entry);
    list.append(item);
  };
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    files.forEach(add);
    settle();
    chosen.at(-1)?.item.querySelector<HTMLInputElement>("input")?.focus();
  });
  form.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith("image/"));
    if (files.length === 0) return;
    event.preventDefault();
    files.forEach(add);
    settle();
  });
}
