/** Keyboard first: "/" goes to the scan or search field; a scan is sent by its Enter and the field is ready again. */
export function startScan() {
  const field = document.querySelector("[data-scan]") ?? document.querySelector("main input[type=search]");
  if (!field) return;
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    field.focus();
    field.select();
  });
  if (field.hasAttribute("data-scan") && !document.querySelector("[data-focus], [data-till-pay] [aria-invalid=true]")) field.focus({ preventScroll: true });
}
