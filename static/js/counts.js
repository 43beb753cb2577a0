/**
 * Counting on a phone: every number is kept as soon as it is typed, row by row; two people on one row see both numbers and
 * choose. A scan goes to its row when that row is on the page, and asks the server otherwise.
 */
import { announce } from "./announce.js";
import { canRead, readCodes } from "./camera.js";

const WAIT = 600;
const timers = new WeakMap();
const lines = new WeakMap();

function say(form, text, tone = "") {
  const status = form.querySelector("[data-count-status]");
  status.textContent = text;
  status.dataset.tone = tone;
}

/** One row's numbers go one after the other, so that each names the version that the last one left. */
function keep(form) {
  clearTimeout(timers.get(form));
  const next = (lines.get(form) ?? Promise.resolve()).then(() => send(form));
  lines.set(form, next);
  return next;
}

async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  const typed = body.get("quantity").trim();
  if (form.dataset.kept === `${typed}|${body.get("note")}`) return;
  say(form, "Menyimpan…");
  let answer;
  try {
    answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  } catch {
    say(form, "Tidak ada sambungan. Angka masih di sini; tekan Simpan lagi nanti.", "bad");
    return;
  }
  const told = await answer.json().catch(() => ({}));
  if (told.conflict) return choose(form, told.conflict);
  if (!answer.ok) {
    say(form, told.message ?? told.error?.message ?? "Belum tersimpan. Muat ulang halaman ini, lalu coba lagi.", "bad");
    return;
  }
  form.elements.version.value = told.version;
  form.dataset.kept = `${typed}|${body.get("note")}`;
  form.closest("[data-count-card]").classList.toggle("count-card--done", told.quantity !== null);
  say(form, told.quantity === null ? "Belum dihitung" : `Tersimpan: ${told.quantity}`, "good");
  show(told);
}

function show(told) {
  const box = document.querySelector("[data-count-progress]");
  if (!box) return;
  const words = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, ".");
  box.querySelector("progress").value = told.done;
  box.querySelector("[data-count-done]").textContent = words(told.done);
  const left = box.querySelector("[data-count-left]");
  if (left) left.textContent = words(told.left);
  const figures = [told.left, told.done, told.rows];
  document.querySelectorAll(".tab__count").forEach((count, place) => (count.textContent = figures[place]));
  if (!told.left) announce("Semua baris sudah dihitung.");
}

function choose(form, conflict) {
  const status = form.querySelector("[data-count-status]");
  const words = document.createElement("span");
  const who = conflict.who ? ` oleh ${conflict.who}` : "";
  words.textContent = `Tersimpan${who}: ${conflict.theirs_text}. Angka Anda: ${conflict.ours ?? "belum dihitung"}. `;
  const mine = pick(`Pakai ${conflict.ours ?? "kosong"}`, () => {
    form.elements.version.value = conflict.version;
    delete form.dataset.kept;
    keep(form);
  });
  const theirs = pick(`Pakai ${conflict.theirs_text}`, () => {
    form.elements.version.value = conflict.version;
    form.elements.quantity.value = conflict.theirs ?? "";
    form.elements.note.value = conflict.theirs_note;
    form.dataset.kept = `${conflict.theirs ?? ""}|${conflict.theirs_note}`;
    form.closest("[data-count-card]").classList.toggle("count-card--done", conflict.theirs !== null);
    say(form, `Dipakai: ${conflict.theirs_text}`, "good");
  });
  status.replaceChildren(words, mine, " ", theirs);
  status.dataset.tone = "bad";
}

function pick(label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button button--secondary";
  button.textContent = label;
  button.addEventListener("click", act);
  return button;
}

function startRows() {
  for (const form of document.querySelectorAll("[data-count-form]")) {
    form.dataset.kept = `${form.elements.quantity.value}|${form.elements.note.value}`;
    form.addEventListener("change", () => {
      clearTimeout(timers.get(form));
      timers.set(form, setTimeout(() => keep(form), WAIT));
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      keep(form).then(() => document.querySelector("[data-count-scan] input")?.focus());
    });
    form.querySelector("[data-count-zero]").addEventListener("click", () => {
      form.elements.quantity.value = "0";
      keep(form);
    });
  }
  window.addEventListener("pagehide", () => {
    for (const form of document.querySelectorAll("[data-count-form]")) {
      const body = new URLSearchParams(new FormData(form));
      if (form.dataset.kept !== `${body.get("quantity").trim()}|${body.get("note")}`) navigator.sendBeacon(form.action, body);
    }
  });
}

function startScanning() {
  const form = document.querySelector("[data-count-scan]");
  if (!form) return;
  const field = form.querySelector("input");
  form.addEventListener("submit", (event) => {
    const [sku, lot] = parts(field.value);
    const cards = [...document.querySelectorAll("[data-count-card]")].filter(
      (card) => card.dataset.sku.toLowerCase() === sku && (!lot || card.dataset.lot.toLowerCase() === lot),
    );
    if (cards.length !== 1) return;
    event.preventDefault();
    field.value = "";
    cards[0].scrollIntoView({ block: "center" });
    const number = cards[0].querySelector("[name=quantity]");
    number.focus();
    number.select();
  });
  const camera = form.querySelector("[data-count-camera]");
  canRead().then((can) => (camera.hidden = !can));
  camera.addEventListener("click", () => {
    readCodes((text) => {
      field.value = text;
      document.querySelector("dialog.camera")?.close();
      form.requestSubmit();
    }).catch(() => announce("Kamera tidak dapat dibuka. Ketik kodenya."));
  });
  if (document.querySelectorAll("[data-count-card]").length === 1 && field.value) {
    const number = document.querySelector("[data-count-card] [name=quantity]");
    number.focus();
    number.select();
  }
}

function parts(text) {
  const label = text.trim().match(/\/s\/[^/]+\/([^/?#]+)(?:#(.*))?$/);
  const [sku, lot] = label ? [label[1], label[2]] : text.trim().split("#");
  try {
    return [decodeURIComponent(sku ?? "").toLowerCase(), decodeURIComponent(lot ?? "").toLowerCase()];
  } catch {
    return [(sku ?? "").toLowerCase(), ""];
  }
}

export function startCounts() {
  startRows();
  startScanning();
}
