// The map: its buttons, arrow keys and dragging change it in place. Without this each button is a link.
import { replacing } from "./replacing.js";

const ARROWS = { ArrowUp: "north", ArrowDown: "south", ArrowLeft: "west", ArrowRight: "east" };
const show = replacing(["map", "map-rows"]);

function way(name) {
  return document.querySelector(`#map [data-way="${name}"]`);
}

export function startMap() {
  const map = document.getElementById("map");
  if (!map) return;
  map.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-way]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.href);
  });
  map.addEventListener("keydown", (event) => {
    const link = ARROWS[event.key] && way(ARROWS[event.key]);
    if (!link || event.altKey || event.ctrlKey) return;
    event.preventDefault();
    show(link.href);
  });
  drag(map);
}

// Dragging does nothing that the buttons do not; it moves by the part of the sheet it was dragged.
function drag(map) {
  let from = null;
  map.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.closest(".mapsheet")) return;
    from = event;
    event.preventDefault();
    map.querySelector(".mapsheet").classList.add("drags");
  });
  addEventListener("pointerup", (event) => {
    if (!from) return;
    const sheet = map.querySelector(".mapsheet");
    const { width, height } = sheet.getBoundingClientRect();
    const right = (from.clientX - event.clientX) / width;
    const down = (from.clientY - event.clientY) / height;
    from = null;
    sheet.classList.remove("drags");
    if (Math.hypot(right, down) < 0.02) return;
    const there = new URL(way("here").href);
    there.searchParams.set("right", right.toFixed(3));
    there.searchParams.set("down", down.toFixed(3));
    show(there.href);
  });
}
