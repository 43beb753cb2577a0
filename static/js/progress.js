/** A bar that follows work on the server; the page is loaded again when the work is over. */
const PAUSE_MS = 1200;

export function startProgress() {
  for (const part of document.querySelectorAll("[data-progress]")) follow(part);
}

async function follow(part) {
  const bar = part.querySelector("[data-progress-bar]");
  const words = part.querySelector("[data-progress-text]");
  for (;;) {
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    if (document.hidden) continue;
    try {
      const answer = await fetch(part.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) continue;
      const state = await answer.json();
      if (state.is_over) return location.reload();
      if (state.percent) bar.value = state.percent;
      if (words.textContent !== state.text) words.textContent = state.text;
    } catch {
      // Offline for a moment; the next look tries again.
    }
  }
}
