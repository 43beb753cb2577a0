/**
 * Adds to the cart without leaving the page. The form is an ordinary one; anything but a plain success is left to the
 * browser, which posts it again: the server changed nothing when it answered with 4xx.
 */
import { announce } from "./announce.js";

export function startCart() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-cart-form]") || event.defaultPrevented) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    const button = event.submitter;
    const body = new FormData(form);
    if (button?.name) body.append(button.name, button.value);
    form.dataset.busy = "1";
    button?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new URLSearchParams(body),
        headers: { Accept: "application/json, text/html;q=0.9", "X-Requested-With": "fetch" },
      });
      if (!answer.ok) {
        form.removeAttribute("data-cart-form");
        delete form.dataset.busy;
        button?.removeAttribute("aria-busy");
        form.requestSubmit(button);
        return;
      }
      await show(answer);
    } catch {
      announce("Belum terkirim. Periksa sambungan internet, lalu coba lagi.");
    } finally {
      delete form.dataset.busy;
      button?.removeAttribute("aria-busy");
    }
  });
}

async function show(answer) {
  const isJson = (answer.headers.get("Content-Type") || "").includes("json");
  let quantity;
  let message = "Masuk keranjang.";
  if (isJson) {
    const value = await answer.json();
    quantity = value.cart_quantity;
    message = value.message || message;
  } else {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    quantity = parseInt(page.querySelector("[data-cart-count]")?.textContent ?? "", 10);
    message = page.querySelector("[data-notices] .notice__title")?.textContent || message;
  }
  if (Number.isInteger(quantity)) updateCount(quantity);
  announce(message, { href: "/keranjang", text: "Lihat keranjang" });
}

function updateCount(quantity) {
  for (const count of document.querySelectorAll("[data-cart-count]")) {
    count.firstChild.textContent = String(quantity);
    count.hidden = quantity === 0;
  }
}
