"use strict";
// Folding and zooming; without this script the page says all the same.
for (const hidden of document.querySelectorAll(".zooms, .folds")) hidden.hidden = false;
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.fold) {
    for (const details of document.querySelectorAll("details")) details.open = button.dataset.fold === "open";
  }
  if (button.dataset.zoom) {
    const step = button.dataset.zoom === "+" ? 1.25 : 0.8;
    for (const drawing of button.closest(".zoomable").querySelectorAll("svg")) {
      const scale = Math.min(Math.max(Number(drawing.dataset.scale || 1) * step, 0.5), 4);
      drawing.dataset.scale = scale;
      drawing.style.maxWidth = scale === 1 ? "" : "none";
      drawing.style.width = `${drawing.viewBox.baseVal.width * scale}px`;
      drawing.style.height = `${drawing.viewBox.baseVal.height * scale}px`;
    }
  }
});
