/** Files dragged onto their field, with a small look at each picture before it is sent. */
export function startDrops() {
  for (const drop of document.querySelectorAll("[data-drop]")) {
    const input = drop.querySelector("input[type=file]");
    const list = drop.querySelector("[data-drop-list]");
    const over = (isOver) => (event) => {
      event.preventDefault();
      drop.classList.toggle("is-over", isOver);
    };
    drop.addEventListener("dragover", over(true));
    drop.addEventListener("dragleave", over(false));
    drop.addEventListener("drop", (event) => {
      over(false)(event);
      if (!event.dataTransfer.files.length) return;
      const taken = new DataTransfer();
      for (const file of [...event.dataTransfer.files].slice(0, input.multiple ? 20 : 1)) taken.items.add(file);
      input.files = taken.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    });
    input.addEventListener("change", () => list.replaceChildren(...[...input.files].map(preview)));
  }
}

function preview(file) {
  const row = document.createElement("li");
  if (/^image\/(jpeg|png|webp)$/.test(file.type)) {
    const image = document.createElement("img");
    const url = URL.createObjectURL(file);
    image.alt = "";
    image.addEventListener("load", () => URL.revokeObjectURL(url));
    image.addEventListener("error", () => image.remove());
    image.src = url;
    row.append(image);
  }
  row.append(`${file.name} (${Math.ceil(file.size / 1024)} kB)`);
  return row;
}
