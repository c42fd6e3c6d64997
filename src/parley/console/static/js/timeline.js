// The timeline: one scale that is dragged, by pointer, arrows, + and -. Without this each step is a link.
// It draws nothing itself: the server draws every time that is shown, so that no silence is guessed.
import { replacing } from "./replacing.js";

const ARROWS = { ArrowLeft: "earlier", ArrowRight: "later", Home: "first", End: "now" };
const WIDTH = 1000;
// `ready` again after each: what came hides what needs a script.
const show = replacing(["lanes", "spans", "rows"], ready);

function way(name) {
  return document.querySelector(`#spans [data-way="${name}"]`);
}

// What needs a script is hidden in the page, and shown again after each answer.
function ready() {
  document.getElementById("scale-slot").hidden = false;
  document.getElementById("drag-help").hidden = false;
  for (const lane of document.querySelectorAll("#lanes .lane")) lane.setAttribute("viewBox", `0 0 ${WIDTH} 40`);
}

function there(seconds, until) {
  const address = new URL(way("here").href);
  if (seconds) address.searchParams.set("span", Math.round(seconds));
  if (until) address.searchParams.set("to", new Date(until * 1000).toISOString().slice(0, 19) + "Z");
  return address.href;
}

export function startTimeline() {
  const lanes = document.getElementById("lanes");
  if (!lanes) return;
  ready();
  document.getElementById("spans").addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    show(link.href);
  });
  document.getElementById("spans").addEventListener("input", (event) => {
    if (event.target.id !== "scale") return;
    const { min, max, value, dataset } = event.target;
    const part = (value - min) / (max - min);
    show(there(dataset.least * (dataset.most / dataset.least) ** part, 0));
  });
  lanes.addEventListener("keydown", (event) => {
    const link = ARROWS[event.key] && way(ARROWS[event.key]);
    if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    show(link.href);
  });
  drag(lanes);
}

// Dragging does nothing that links do not; it moves by the part of the scale it was dragged.
function drag(lanes) {
  let from = null;
  const part = (event) => {
    const lane = lanes.querySelector(".lane");
    return lane ? (from.clientX - event.clientX) / lane.getBoundingClientRect().width : 0;
  };
  lanes.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.target.closest(".lane")) return;
    from = event;
    event.preventDefault();
    lanes.focus();
    lanes.classList.add("drags");
  });
  addEventListener("pointermove", (event) => {
    if (!from) return;
    const x = Math.round(part(event) * WIDTH);
    for (const lane of lanes.querySelectorAll(".lane")) lane.setAttribute("viewBox", `${x} 0 ${WIDTH} 40`);
  });
  addEventListener("pointerup", (event) => {
    if (!from) return;
    const moved = part(event);
    from = null;
    lanes.classList.remove("drags");
    if (Math.abs(moved) < 0.01) return ready();
    const { from: start, to } = lanes.dataset;
    const until = Math.min(Number(to) + (to - start) * moved, Number(lanes.dataset.now));
    show(there(0, until));
  });
}
