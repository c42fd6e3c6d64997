// UTC clock, ages and running clocks; the same rules as parley/console/moments.py.
import { say } from "./words.js";

let offsetMs = 0;
let stopped = false;

export function now() {
  return Math.floor((Date.now() + offsetMs) / 1000);
}

export function setServerTime(seconds) {
  // Beats carry whole seconds: a correction under a second and a half would only make it jitter.
  const wanted = seconds * 1000 - Date.now();
  if (Math.abs(wanted - offsetMs) > 1500) offsetMs = wanted;
}

export function stopClocks(value) {
  stopped = value;
}

const two = (n) => String(n).padStart(2, "0");

export function zulu(seconds) {
  const t = new Date(seconds * 1000);
  return `${two(t.getUTCHours())}${two(t.getUTCMinutes())}${two(t.getUTCSeconds())}Z`;
}

export function length(seconds) {
  const s = Math.abs(seconds);
  const days = Math.floor(s / 86400);
  const hours = Math.floor((s % 86400) / 3600);
  if (days) return say("d", { days, hours: two(hours) });
  return `${hours}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
}

export function age(seconds) {
  const s = Math.max(0, seconds);
  if (s < 60) return say("s", { n: s });
  if (s < 3600) return say("min", { n: Math.floor(s / 60) });
  if (s < 86400) return say("h", { hours: Math.floor(s / 3600), minutes: two(Math.floor((s % 3600) / 60)) });
  return length(s);
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

function put(node, text) {
  if (node && node.textContent !== text) node.textContent = text;
}

export function tick() {
  if (stopped) return;
  const at = now();
  const t = new Date(at * 1000);
  put(document.getElementById("utc"), `${two(t.getUTCHours())}:${two(t.getUTCMinutes())}:${two(t.getUTCSeconds())}Z`);
  put(document.getElementById("utc-date"), `${two(t.getUTCDate())} ${MONTHS[t.getUTCMonth()]} ${two(t.getUTCFullYear() % 100)}`);
  const zone = -t.getTimezoneOffset();
  const sign = zone < 0 ? "\u2212" : "+";
  const minutes = Math.abs(zone) % 60;
  put(document.getElementById("local-time"), `${two(t.getHours())}:${two(t.getMinutes())} ${sign}${two(Math.floor(Math.abs(zone) / 60))}${minutes ? two(minutes) : ""}`);
  for (const node of document.querySelectorAll("[data-clock]")) {
    const moment = Number(node.dataset.at);
    if (node.dataset.clock === "age") put(node, age(at - moment));
    else if (moment >= at) put(node, node.dataset.clock === "aim" ? say("left", { length: length(moment - at) }) : length(moment - at));
    else put(node, say("over", { length: length(at - moment) }));
  }
}

export function startClocks() {
  offsetMs = Number(document.body.dataset.now) * 1000 - Date.now();
  if (Math.abs(offsetMs) < 1500) offsetMs = 0;
  tick();
  setInterval(tick, 1000);
}
