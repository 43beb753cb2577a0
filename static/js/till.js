/**
 * The till without waiting: forms of the counter are sent one after the other behind the scenes, so that a scanner can go
 * on while the last scan is still on its way. Every scan carries a key of its own; the server counts a key once.
 */
import { announce } from "./announce.js";
import { canRead, readCodes } from "./camera.js";
import { makeCombobox } from "./combobox.js";

const rupiah = (amount) => `Rp${String(amount).replace(/\B(?=(\d{3})+$)/g, ".")}`;
const counter = () => document.querySelector("[data-till]");
const scanField = () => document.querySelector("[data-till-scan]");
let line = Promise.resolve();
let hasCamera = false;

function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(24))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function queue(form, submitter) {
  const body = new URLSearchParams(new FormData(form));
  if (submitter?.name) body.set(submitter.name, submitter.value);
  const input = form.querySelector("[data-till-scan]");
  const typed = input?.value ?? "";
  if (input) {
    if (!typed.trim()) return;
    input.value = "";
    form.elements.entry_key.value = newKey();
    form.querySelector("[data-till-list]").hidden = true;
    form.elements.grade.checked = false;
  }
  line = line.then(() => send(form.action, body, typed));
}

async function send(action, body, typed) {
  counter()?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(action, { method: "POST", body, headers: { Accept: "text/html", "X-Requested-With": "fetch" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-till]");
    if (!fresh) location.reload();
    else show(fresh);
  } catch {
    const input = scanField();
    if (input && !input.value) input.value = typed;
    announce("Belum terkirim. Periksa sambungan, lalu coba lagi.");
  } finally {
    counter()?.removeAttribute("aria-busy");
  }
}

/** Puts the server's answer in place; what is being typed, and how one is paying, stays. */
function show(fresh) {
  const old = counter();
  const wasPaying = old.querySelector("[data-till-pay]")?.contains(document.activeElement);
  const isTyping = document.activeElement === scanField() ? scanField().value : "";
  for (const name of ["given_idr", "reference"]) {
    const before = old.querySelector(`[data-till-pay] [name=${name}]`);
    const after = fresh.querySelector(`[data-till-pay] [name=${name}]`);
    if (before && after && !after.value) after.value = before.value;
  }
  const chosen = old.querySelector("[data-till-pay] [name=method]:checked")?.value;
  const same = chosen && fresh.querySelector(`[data-till-pay] [name=method][value=${chosen}]`);
  if (same) same.checked = true;
  old.replaceWith(document.adoptNode(fresh));
  prepare();
  const input = scanField();
  if (isTyping) input.value = isTyping;
  if (!wasPaying) {
    input.focus({ preventScroll: true });
    if (!isTyping) input.select();
  }
  const trouble = fresh.querySelector(".till__warn");
  const total = fresh.querySelector(".till__total strong").textContent;
  document.querySelector("[data-till-said]").textContent = trouble ? trouble.textContent.trim() : `Jumlah ${total}`;
}

function change() {
  const form = document.querySelector("[data-till-pay]");
  const words = form?.querySelector("[data-till-change]");
  if (!words) return;
  const digits = form.elements.given_idr.value.replace(/[^\d]/g, "");
  const rest = Number(digits) - Number(form.dataset.total);
  words.classList.toggle("till__change--short", rest < 0);
  words.replaceChildren();
  if (!digits) return;
  const figure = document.createElement("strong");
  figure.textContent = rupiah(Math.abs(rest));
  words.append(rest < 0 ? "Kurang " : "Kembali ", figure);
}

function prepare() {
  const input = scanField();
  const list = document.querySelector("[data-till-list]");
  makeCombobox({
    input,
    list,
    async find(text, signal) {
      const answer = await fetch(`/meja/kasir/saran?q=${encodeURIComponent(text)}`, { signal, headers: { Accept: "text/html" } });
      if (!answer.ok || input.value.trim() !== text) throw new Error("late");
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (input.value.trim() !== text) throw new Error("late");
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", "Barang yang cocok");
      list.replaceChildren(...page.querySelectorAll('[role="option"]'));
    },
    choose(option) {
      input.value = option.dataset.value;
      input.form.requestSubmit();
    },
  });
  const camera = document.querySelector("[data-till-camera]");
  if (camera) camera.hidden = !hasCamera;
  change();
}

async function openCamera() {
  try {
    await readCodes((text) => {
      const form = scanField().form;
      scanField().value = text;
      queue(form, null);
    });
  } catch {
    announce("Kamera tidak dapat dibuka. Izinkan kamera di peramban, atau ketik kodenya.");
  }
}

export function startTill() {
  if (!counter()) return;
  document.addEventListener("submit", (event) => {
    if (!event.target.matches?.("[data-till-form]") || event.defaultPrevented) return;
    event.preventDefault();
    queue(event.target, event.submitter);
  });
  document.addEventListener("input", (event) => event.target.name === "given_idr" && change());
  document.addEventListener("change", (event) => {
    if (event.target.matches?.(".till__count")) event.target.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const quick = event.target.closest?.("[data-till-quick]");
    if (quick) {
      event.preventDefault();
      quick.form.elements.given_idr.value = quick.dataset.tillQuick;
      change();
      quick.form.querySelector(".till__button").focus({ preventScroll: true });
    }
    if (event.target.closest?.("[data-till-camera]")) openCamera();
  });
  prepare();
  const wrong = document.querySelector("[data-till-pay] [aria-invalid=true]");
  if (wrong) wrong.focus();
  else scanField().select();
  canRead().then((can) => {
    hasCamera = can;
    const camera = document.querySelector("[data-till-camera]");
    if (camera) camera.hidden = !can;
  });
}
