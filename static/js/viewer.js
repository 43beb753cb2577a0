/** The picture viewer: the strip already swipes; here come thumbnails, arrow keys and a near look. */
export function startViewers() {
  for (const viewer of document.querySelectorAll("[data-viewer]")) makeViewer(viewer);
}

function makeViewer(viewer) {
  const strip = viewer.querySelector("[data-viewer-strip]");
  const slides = [...strip.children];
  const thumbs = [...viewer.querySelectorAll("[data-viewer-thumb]")];
  const turns = [...viewer.querySelectorAll("[data-viewer-turn]")];
  const smooth = matchMedia("(prefers-reduced-motion: no-preference)").matches ? "smooth" : "auto";
  let current = 0;

  const mark = (index) => {
    current = index;
    thumbs.forEach((thumb, at) => {
      if (at === index) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
    });
    for (const turn of turns) turn.disabled = !slides[index + Number(turn.dataset.viewerTurn)];
  };
  const show = (index) => {
    if (!slides[index]) return;
    strip.scrollTo({ left: index * strip.clientWidth, behavior: smooth });
    mark(index);
  };

  thumbs.forEach((thumb, at) =>
    thumb.addEventListener("click", (event) => {
      event.preventDefault();
      show(at);
    }),
  );
  turns.forEach((turn) => turn.addEventListener("click", () => show(current + Number(turn.dataset.viewerTurn))));
  strip.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(current + step);
  });
  const watch = new IntersectionObserver(
    (seen) => seen.forEach((entry) => entry.isIntersecting && mark(slides.indexOf(entry.target))),
    { root: strip, threshold: 0.6 },
  );
  slides.forEach((slide) => watch.observe(slide));
  viewer.querySelector("[data-viewer-zoom]")?.addEventListener("click", () => openZoom(slides[current].querySelector("img")));
  mark(0);
}

function openZoom(image) {
  const dialog = document.createElement("dialog");
  dialog.className = "zoom";
  dialog.setAttribute("aria-label", `Gambar besar: ${image.alt}`);
  const stage = document.createElement("div");
  stage.className = "zoom__stage";
  stage.tabIndex = 0;
  const large = document.createElement("img");
  large.src = largest(image);
  large.alt = image.alt;
  stage.append(large);
  const close = document.createElement("button");
  close.className = "zoom__close";
  close.type = "button";
  close.setAttribute("aria-label", "Tutup gambar besar");
  close.textContent = "✕";
  close.addEventListener("click", () => dialog.close());
  large.addEventListener("click", (event) => {
    const x = event.offsetX / large.clientWidth;
    const y = event.offsetY / large.clientHeight;
    if (stage.classList.toggle("is-near")) {
      stage.scrollTo(x * large.clientWidth - stage.clientWidth / 2, y * large.clientHeight - stage.clientHeight / 2);
    }
  });
  dialog.append(close, stage);
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
}

function largest(image) {
  const sets = [...(image.closest("picture")?.querySelectorAll("source") ?? [])].map((source) => source.srcset);
  const wanted = (sets[0] ?? "").split(",").map((part) => part.trim().split(/\s+/));
  wanted.sort((a, b) => parseInt(b[1], 10) - parseInt(a[1], 10));
  return wanted[0]?.[0] || image.currentSrc || image.src;
}
