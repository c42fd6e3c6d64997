// Keeps the page true: hears the stream, fetches what changed, and says when it cannot.
import { age, setServerTime, stopClocks, tick, zulu } from "./clocks.js";
import { askBack, lock } from "./ended.js";
import { morph } from "./morph.js";
import { announce, ring, tellSound } from "./sound.js";
import { mark, openStream, since } from "./stream.js";
import { say } from "./words.js";

const STALE_MS = 5000;
const PAUSE_MS = 250;
const HOLD_MS = 4000;

let lastBeat = mark();
let lastTime = Number(document.body.dataset.now);
let heardOnce = false;
let lost = null;
let ended = false;
let dirty = false;
let busy = false;
let again = false;
let lastFetch = 0;
let lastInput = 0;
let policy = null;

export function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  setTimeout(fetchPage, Math.max(0, PAUSE_MS - (performance.now() - lastFetch)));
}

function fetchPage() {
  lastFetch = performance.now();
  // A document, not a text: the browser parses it without running anything, and no markup passes
  // through our hands.
  const request = new XMLHttpRequest();
  request.open("GET", location.href);
  request.responseType = "document";
  request.timeout = 10000;
  request.onloadend = () => {
    busy = false;
    const page = request.response;
    if (page && new URL(request.responseURL).pathname === location.pathname) take(page);
    else if (request.responseURL && new URL(request.responseURL).pathname === "/sign-in") end();
    if (again) {
      again = false;
      refresh();
    }
  };
  request.send();
}

function take(page) {
  let held = false;
  for (const fresh of page.querySelectorAll("[data-live][id]")) {
    const here = document.getElementById(fresh.id);
    if (!here) continue;
    if (isHeld(here, fresh)) held = true;
    else morph(here, fresh);
  }
  document.title = page.title;
  dirty = held;
  tick();
  ring();
}

// Rows do not jump from under a pointer or a focus that is in use.
function isHeld(here, fresh) {
  if (!("hold" in here.dataset) || performance.now() - lastInput > HOLD_MS) return false;
  if (!here.matches(":hover") && !here.contains(document.activeElement)) return false;
  const order = (node) => [...node.querySelectorAll("[data-row][id]")].map((row) => row.id).join();
  return order(here) !== order(fresh);
}

function hear(message) {
  if (message.kind === "beat") {
    lastBeat = mark();
    lastTime = message.data.time;
    // What happened between the making of this page and its first beat was told to nobody here.
    const missed = !heardOnce && message.data.seq !== Number(document.body.dataset.sequence);
    heardOnce = true;
    const wasLost = lost !== null || missed;
    lost = null;
    setServerTime(message.data.time);
    tellSound();
    show();
    if (wasLost) refresh();
    if (message.data.console_build && message.data.console_build !== document.body.dataset.build) offerReload();
  } else if (message.kind === "lost") {
    lost = { tries: message.tries };
    show();
  } else if (message.kind === "end") {
    end();
  } else if (message.kind === "reset") {
    refresh();
  } else if (message.kind === "signal") {
    announce(message);
    if (document.hidden && message.type !== "alarm") dirty = true;
    else refresh();
  }
}

function end() {
  if (ended) return;
  ended = true;
  lock();
  show();
}

function goOn() {
  ended = false;
  lastBeat = mark();
  joinStream();
  show();
}

function show() {
  const silent = since(lastBeat);
  const stale = ended || silent > STALE_MS;
  // Until the first beat the page says what the server wrote: it does not update by itself.
  if (!stale && !heardOnce) return;
  document.body.classList.toggle("notlive", stale);
  stopClocks(stale);
  const state = document.getElementById("screen-state");
  if (!stale && state) state.textContent = say("live", { age: age(Math.floor(silent / 1000)) });
  let veil = document.getElementById("veil");
  if (!stale) {
    veil?.remove();
    return;
  }
  const words = ended ? say("ended", { time: zulu(lastTime) }) : say("notlive", { time: zulu(lastTime), try: lost?.tries ?? 1 });
  if (state) state.textContent = words.split(".")[0].split("。")[0];
  if (!veil) {
    veil = document.createElement("div");
    veil.id = "veil";
    veil.className = "veil";
    veil.setAttribute("role", "alert");
    veil.append(document.createElement("p"));
    document.body.append(veil);
  }
  if (veil.firstChild.textContent !== words) veil.firstChild.textContent = words;
}

function offerReload() {
  if (document.getElementById("updatebar")) return;
  const bar = document.createElement("div");
  bar.id = "updatebar";
  bar.className = "updatebar";
  const button = document.createElement("button");
  button.className = "button small";
  button.textContent = say("reload");
  button.onclick = () => location.reload();
  bar.append(document.createTextNode(say("build")), button);
  document.body.append(bar);
}

function joinStream() {
  const { stream, worker } = document.body.dataset;
  if ("SharedWorker" in window) {
    try {
      let address = worker;
      if (window.trustedTypes) {
        policy ??= trustedTypes.createPolicy("parley", {
          createScriptURL: (url) => {
            if (url !== worker) throw new TypeError("only the stream worker");
            return url;
          },
        });
        address = policy.createScriptURL(worker);
      }
      const shared = new SharedWorker(address, { name: stream, type: "module" });
      shared.port.onmessage = (event) => hear(event.data);
      shared.onerror = () => joinByLock(stream);
      shared.port.start();
      addEventListener("pagehide", () => shared.port.postMessage("bye"));
      return;
    } catch {
      // Falls through to the way without a worker.
    }
  }
  joinByLock(stream);
}

function joinByLock(stream) {
  const channel = new BroadcastChannel(stream);
  channel.onmessage = (event) => hear(event.data);
  const lead = () =>
    new Promise(() => {
      openStream((message) => {
        hear(message);
        channel.postMessage(message);
      });
    });
  if (navigator.locks) navigator.locks.request("parley-stream " + stream, lead);
  else lead();
}

export function startLive() {
  joinStream();
  setInterval(show, 1000);
  const every = document.querySelector("[data-every]");
  if (every) {
    setInterval(() => {
      if (!document.hidden && !document.body.classList.contains("notlive")) refresh();
    }, Number(every.dataset.every) * 1000);
  }
  setInterval(() => {
    if (dirty && !document.hidden) refresh();
  }, 1000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && ended) askBack(goOn);
    else if (!document.hidden && dirty) refresh();
  });
  for (const kind of ["pointermove", "pointerdown", "keydown"]) {
    addEventListener(kind, () => { lastInput = performance.now(); }, { passive: true });
  }
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });
  // A page that holds a lock is not frozen in the background (Chromium).
  navigator.locks?.request("parley-tab-" + Math.random().toString(36).slice(2), () => new Promise(() => {}));
}
