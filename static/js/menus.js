/** Menus and sheets open without us; here they also close: by Escape, by a click beside them, with focus kept inside. */
export function startMenus() {
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("[data-menu][open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  for (const sheet of document.querySelectorAll("[data-sheet]")) makeSheet(sheet);
}

function makeSheet(sheet) {
  const narrow = matchMedia("(max-width: 1023px)");
  let opener = null;
  const close = () => {
    sheet.classList.remove("is-open");
    if (location.hash === `#${sheet.id}`) history.replaceState(null, "", location.pathname + location.search);
    opener?.focus();
  };
  const open = (from) => {
    opener = from;
    sheet.classList.add("is-open");
    sheet.querySelector(".sheet__close")?.focus();
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a");
    if (!link || !narrow.matches) return;
    if (link.dataset.sheetOpen === sheet.id) {
      event.preventDefault();
      open(link);
    } else if (link.matches("[data-sheet-close]") && sheet.contains(link)) {
      event.preventDefault();
      close();
    }
  });
  sheet.addEventListener("keydown", (event) => {
    if (!sheet.classList.contains("is-open")) return;
    if (event.key === "Escape") close();
    if (event.key !== "Tab") return;
    const stops = [...sheet.querySelectorAll("a[href], button, input, select, summary")].filter(
      (stop) => stop.tabIndex >= 0 && stop.offsetParent,
    );
    const first = stops[0];
    const last = stops[stops.length - 1];
    if (event.shiftKey && document.activeElement === first) {
      event.preventDefault();
      last.focus();
    } else if (!event.shiftKey && document.activeElement === last) {
      event.preventDefault();
      first.focus();
    }
  });
}
