/**
 * Checkout without page turns: when a place or a delivery is chosen, the whole form is sent as its own "count again" button
 * would send it, and the parts marked data-live are taken over from the page that comes back.
 */
export function startCheckout() {
  const form = document.querySelector("form[data-checkout]");
  if (!form) return;
  let request = null;
  form.addEventListener("change", (event) => {
    const isDelivery = event.target.matches("[data-delivery]");
    const isPlace = event.target.matches("[data-place-code]") && event.target.value;
    if (isDelivery || isPlace) count();
  });

  async function count() {
    request?.abort();
    request = new AbortController();
    const focused = document.activeElement?.id;
    const body = new URLSearchParams(new FormData(form));
    body.set("langkah", "hitung");
    body.delete("village_pick");
    const parts = [...form.querySelectorAll("[data-live]")];
    for (const part of parts) part.classList.add("is-counting");
    try {
      const answer = await fetch(form.action, { method: "POST", body, signal: request.signal, headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      take(page);
      if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    } catch (fault) {
      if (fault.name === "AbortError") return;
      for (const part of parts) part.classList.remove("is-counting");
      form.querySelector('button[value="hitung"]')?.closest(".no-js-only")?.classList.remove("no-js-only");
    }
  }

  function take(page) {
    for (const part of form.querySelectorAll("[data-live]")) {
      const fresh = page.querySelector(`[data-live="${part.dataset.live}"]`);
      if (!fresh) continue;
      if (part.dataset.live === "tempat") takePlace(part, fresh);
      else part.replaceChildren(...fresh.childNodes);
      part.classList.remove("is-counting");
    }
    for (const name of ["postcode", "village_before"]) {
      const value = page.querySelector(`form[data-checkout] [name="${name}"]`)?.value;
      if (value) form.elements[name].value = value;
    }
  }

  // The field itself keeps its list and its listeners; only what stands around it is renewed.
  function takePlace(part, fresh) {
    for (const old of part.querySelectorAll(".finder__found, .finder__matches")) old.remove();
    part.append(...fresh.querySelectorAll(".finder__found, .finder__matches"));
    part.querySelector(".field--bad")?.classList.remove("field--bad");
    part.querySelector(".field__error")?.remove();
  }
}
