/** What every form gets: one sending per click, a question before what cannot be undone, steppers, sending at change. */
import { announce } from "./announce.js";

function guard() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    if (form.method !== "post" || form.matches("[data-cart-form]")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach((button) => button.removeAttribute("aria-busy"));
    }
  });
}

function confirmFirst() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("button[data-confirm]");
    if (!button || button.dataset.confirmed || !button.form) return;
    event.preventDefault();
    if (button.form.dataset.sent || !(await ask(button.dataset.confirm, button.textContent.trim()))) return;
    button.dataset.confirmed = "1";
    button.form.requestSubmit(button);
    delete button.dataset.confirmed;
  });
}

function ask(question, verb) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const form = document.createElement("form");
  form.method = "dialog";
  const words = document.createElement("p");
  words.textContent = question;
  words.id = "dialog-question";
  dialog.setAttribute("aria-labelledby", words.id);
  const row = document.createElement("div");
  row.className = "cluster cluster--end";
  row.append(choice("Batal", "", "button button--secondary"), choice(verb, "yes", "button button--primary"));
  form.append(words, row);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes");
      dialog.remove();
    });
  });
}

function choice(text, value, css) {
  const button = document.createElement("button");
  button.textContent = text;
  button.value = value;
  button.className = css;
  return button;
}

function steppers() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-step]");
    const box = button?.closest("[data-stepper]");
    if (!box) return;
    const input = box.querySelector("input");
    const least = Number(box.dataset.minimum || 0);
    const most = Number(box.dataset.maximum || 999999);
    const now = /^\d+$/.test(input.value.trim()) ? Number(input.value) : least;
    const next = Math.min(most, Math.max(least, now + Number(button.dataset.step)));
    if (String(next) === input.value) return;
    input.value = String(next);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

/** A typed or stepped number waits a moment for the next press; a choice from a list goes at once. */
function sendAtChange() {
  const timers = new WeakMap();
  document.addEventListener("change", (event) => {
    const field = event.target.closest?.("[data-auto-submit]");
    const form = field instanceof HTMLFormElement ? field : field?.form;
    if (!form) return;
    clearTimeout(timers.get(form));
    const wait = event.target.matches("input:not([type=radio]):not([type=checkbox])") ? 500 : 0;
    timers.set(form, setTimeout(() => form.requestSubmit(), wait));
  });
}

function copies() {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      announce(`Tersalin: ${button.dataset.copy}`);
    } catch {
      announce(`Salin sendiri: ${button.dataset.copy}`);
    }
  });
}

export function startForms() {
  confirmFirst();
  guard();
  steppers();
  sendAtChange();
  copies();
  document.querySelector("[data-focus]")?.focus();
}
