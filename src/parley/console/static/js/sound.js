// Tones are generated. One window of the session plays them: the holder of the lock "sounder".
import { say } from "./words.js";

let audio = null;
let isSounder = false;
let flashTimer = null;
let button = null;

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

export function ring() {
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
  if (message.type === "alarm" && message.data.what === "raised" && message.data.precedence === "O") playImmediate();
}

function show() {
  const on = audio?.state === "running";
  button.textContent = on ? say("soundready") : say("soundoff");
  button.classList.toggle("off", !on);
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
  navigator.locks?.request("sounder", () => {
    isSounder = true;
    return new Promise(() => {});
  });
  ring();
}

function playFlashOnce() {
  if (canSound()) tone(880, audio.currentTime, 0.12);
}
