/** A village by typing its name or postcode. Choosing one fills the hidden code; typing on empties it again. */
import { makeCombobox } from "./combobox.js";

export function startPlaces() {
  for (const field of document.querySelectorAll("[data-place]")) {
    const input = field.querySelector("[data-place-query]");
    const code = field.querySelector("[data-place-code]");
    const list = field.querySelector("[data-place-list]");
    input.addEventListener("input", () => {
      code.value = "";
    });
    makeCombobox({
      input,
      list,
      async find(text, signal) {
        const answer = await fetch(`/tempat/cari?q=${encodeURIComponent(text)}`, { signal, headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(String(answer.status));
        list.replaceChildren(...rows(await answer.json()));
      },
      choose(option) {
        input.value = option.dataset.label;
        code.value = option.dataset.code;
        code.dispatchEvent(new Event("change", { bubbles: true }));
      },
    });
  }
}

function rows(places) {
  if (!places.length) {
    const none = document.createElement("li");
    none.className = "combo__none";
    none.textContent = "Tidak ada yang cocok. Coba nama kelurahan atau desa, atau kode pos.";
    return [none];
  }
  return places.map((place) => {
    const row = document.createElement("li");
    row.className = "combo__option";
    row.setAttribute("role", "option");
    row.dataset.code = place.code;
    row.dataset.label = place.label;
    const rest = document.createElement("small");
    rest.textContent = [place.district, place.regency, place.province, place.postcode].filter(Boolean).join(", ");
    row.append(place.village, rest);
    return row;
  });
}
