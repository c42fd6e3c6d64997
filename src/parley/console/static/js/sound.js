// Tones are generated. One window of the browser plays them: the holder of the lock "sounder". Only
// a window that may sound asks for it: one that nobody has pressed in would keep the others silent.
import { say } from "./words.js";

const AGAIN_MS = 300_000;
const GLASS_MS = 30_000;
const TOLD_MS = 5_000;

let audio = null;
let isSounder = false;
let asked = null;
let letGo = null;
let flashTimer = null;
let repeatTimer = null;
let repeated = "";
let button = null;
let told = false;
let toldAt = 0;

function tone(frequency, start, seconds) {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.type = "square";
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0, start);
  volume.gain.linearRampToValueAtTime(0.2, start + 0.01);
  volume.gain.setValueAtTime(0.2, start + seconds - 0.02);
  volume.gain.linearRampToValueAtTime(0, start + seconds);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + seconds);
}

function canSound() {
  return isSounder && audio?.state === "running";
}

function playFlash() {
  if (!canSound()) return;
  for (let i = 0; i < 4; i += 1) tone(i % 2 ? 880 : 1175, audio.currentTime + i * 0.18, 0.16);
}

function playImmediate() {
  if (!canSound()) return;
  for (let i = 0; i < 3; i += 1) tone(740, audio.currentTime + i * 0.7, 0.35);
}

// What is no FLASH and no IMMEDIATE, such as a lost line: two long low tones.
function playOther() {
  if (!canSound()) return;
  for (let i = 0; i < 2; i += 1) tone(440, audio.currentTime + i * 1.1, 0.8);
}

// Somebody broke the glass: five falling pairs, and again every half minute until it is claimed.
function playGlass() {
  if (!canSound()) return;
  for (let i = 0; i < 10; i += 1) tone(i % 2 ? 660 : 990, audio.currentTime + i * 0.25, 0.2);
}

// An alarm that nobody has in hand is heard again every five minutes.
function repeat() {
  const sounding = document.getElementById("alarm-count")?.dataset.sounding ?? "";
  if (sounding === repeated) return;
  repeated = sounding;
  clearInterval(repeatTimer);
  const [play, pause] = { O: [playImmediate, AGAIN_MS], glass: [playGlass, GLASS_MS] }[sounding] ?? [playOther, AGAIN_MS];
  if (sounding) repeatTimer = setInterval(play, pause);
}

export function ring() {
  repeat();
  const up = document.getElementById("alarms-up") !== null;
  if (up && flashTimer === null) {
    playFlash();
    flashTimer = setInterval(playFlash, 1500);
  } else if (!up && flashTimer !== null) {
    clearInterval(flashTimer);
    flashTimer = null;
  }
}

export function announce(message) {
  if (message.type !== "alarm" || !["raised", "again"].includes(message.data.what)) return;
  if (message.data.kind === "break-glass") playGlass();
  else if (message.data.precedence === "O") playImmediate();
  else if (message.data.precedence !== "Z") playOther();
}

function contend(on) {
  if (on && !asked) {
    asked = new AbortController();
    const held = navigator.locks?.request("sounder", { signal: asked.signal }, () => {
      isSounder = true;
      tellSound();
      return new Promise((release) => { letGo = release; });
    });
    held?.catch(() => {});
  } else if (!on && asked) {
    isSounder = false;
    asked.abort();
    letGo?.();
    asked = letGo = null;
  }
}

// The station must know that somebody would hear it: the window that sounds says so with every third
// beat (timers of a hidden window sleep, beats do not). What says nothing counts there as mute.
export function tellSound() {
  const can = canSound();
  if (can === told && (!can || performance.now() - toldAt < TOLD_MS)) return;
  told = can;
  toldAt = performance.now();
  fetch("/live/sound", { method: "POST", body: can ? "on" : "off" }).catch(() => {});
}

function show() {
  const on = audio?.state === "running";
  contend(on);
  button.textContent = on ? say("soundready") : say("soundoff");
  button.classList.toggle("off", !on);
  tellSound();
}

export function startSound() {
  const slot = document.getElementById("sound-slot");
  button = document.createElement("button");
  button.type = "button";
  button.className = "plain";
  slot.replaceChildren(button);
  audio = new AudioContext();
  audio.onstatechange = show;
  const unlock = () => audio.resume().then(show, show);
  button.addEventListener("click", () => unlock().then(playFlashOnce));
  addEventListener("pointerdown", unlock, { once: true });
  addEventListener("keydown", unlock, { once: true });
  show();
  ring();
}

function playFlashOnce() {
  if (audio.state === "running") tone(880, audio.currentTime, 0.12);
}
