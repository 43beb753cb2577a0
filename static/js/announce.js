/** Says something to everyone: seen as a short toast, heard through the page's polite live region. */
let timer = 0;

export function announce(text, link) {
  const region = document.querySelector("[data-announce]");
  if (!region) return;
  const words = document.createElement("p");
  words.textContent = text;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link.href;
    anchor.textContent = link.text;
    words.append(" ", anchor);
  }
  region.replaceChildren(words);
  clearTimeout(timer);
  timer = setTimeout(() => region.replaceChildren(), 7000);
}
