// Airflow shows our pages in a frame that lets no link out by itself: the page around it opens them.
for (const link of document.querySelectorAll("a[target]")) {
  link.addEventListener("click", (event) => {
    if (window.parent === window) return;
    event.preventDefault();
    const outside = window.parent.document.createElement("a");
    outside.href = link.href;
    outside.target = link.target === "_top" ? "_self" : link.target;
    outside.rel = "noopener";
    outside.click();
  });
}
