let sent = false; // one key, one decision: the page that follows is another suggestion
document.addEventListener("submit", () => { sent = true; });
document.addEventListener("keydown", (event) => {
  if (sent || event.defaultPrevented || event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target instanceof Element && event.target.closest("input, select, textarea, [contenteditable]")) return;
  const pressed = event.key.toLowerCase();
  const there = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === pressed);
  if (there) { event.preventDefault(); there.click(); }
});
