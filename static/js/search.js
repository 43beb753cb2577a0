/** Suggestions under the search field: a fragment of the server, whose links carry role="option". */
import { makeCombobox } from "./combobox.js";

export function startSearch() {
  for (const form of document.querySelectorAll("[data-search]")) {
    const input = form.querySelector("input[name=q]");
    const list = form.querySelector("[data-search-list]");
    makeCombobox({
      input,
      list,
      async find(text, signal) {
        const answer = await fetch(`/cari/saran?q=${encodeURIComponent(text)}`, { signal, headers: { Accept: "text/html" } });
        if (!answer.ok) throw new Error(String(answer.status));
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const found = page.querySelector('[role="listbox"]') ?? page.body;
        list.setAttribute("role", "listbox");
        list.setAttribute("aria-label", "Saran");
        list.replaceChildren(...found.childNodes);
        list.querySelectorAll("ul, ol, li").forEach((part) => part.setAttribute("role", "presentation"));
        list.querySelectorAll("a:not([role])").forEach((link) => link.setAttribute("role", "option"));
      },
      choose(option, event) {
        if (event && option.href) return;
        if (option.href) location.assign(option.href);
        else {
          input.value = option.dataset.value || option.textContent.trim();
          form.requestSubmit();
        }
      },
    });
  }
}
