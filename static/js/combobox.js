/**
 * The keyboard of a text field with a list under it (WAI-ARIA combobox, list only). `find(text, signal)` fills the list
 * with role="option" elements and answers how many there are; `choose(option)` is called for the one taken.
 */
let serial = 0;

export function makeCombobox({ input, list, find, choose, least = 2 }) {
  let options = [];
  let current = -1;
  let timer = 0;
  let request = null;
  list.id ||= `combo-${(serial += 1)}`;
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", list.id);

  const mark = (index) => {
    current = index;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === index)));
    if (index < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options[index].id);
      options[index].scrollIntoView({ block: "nearest" });
    }
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    mark(-1);
  };
  const open = () => {
    options = [...list.querySelectorAll('[role="option"]')];
    options.forEach((option, at) => {
      option.id ||= `${list.id}-${at}`;
      option.tabIndex = -1;
    });
    list.hidden = !list.childElementCount;
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(-1);
  };
  const look = async () => {
    request?.abort();
    const text = input.value.trim();
    if (text.length < least) {
      list.replaceChildren();
      close();
      return;
    }
    request = new AbortController();
    try {
      await find(text, request.signal);
      if (document.activeElement === input) open();
    } catch (fault) {
      if (fault.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 160);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const isOpen = !list.hidden && options.length > 0;
    if (event.key === "ArrowDown" && isOpen) {
      event.preventDefault();
      mark((current + 1) % options.length);
    } else if (event.key === "ArrowUp" && isOpen) {
      event.preventDefault();
      mark(current <= 0 ? options.length - 1 : current - 1);
    } else if (event.key === "Enter" && isOpen && current >= 0) {
      event.preventDefault();
      choose(options[current]);
      close();
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (!option) return;
    choose(option, event);
    close();
  });
  input.addEventListener("blur", close);
  return { close };
}
