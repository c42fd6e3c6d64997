// Takes files from the reader, checks them, and draws what was found.

import { chooseEquation } from "./ed25519.js";
import { PAGE_BYTES } from "./limits.js";
import { Refusal, TooMuch } from "./refusal.js";
import { drawCard, drawReport, say, setLanguage, told } from "./screen.js";
import { cardBytes, noTrust, readTrustedCard, trustCard, trustText } from "./trust.js";
import { fromUtf8 } from "./bytes.js";
import { verifyFile } from "./verify.js";

const PAGE_FILES = 32;

/** @type {{ name: string, bytes: Uint8Array }[]} */
let files = [];
/** @type {any[]} */
let cards = [];
/** @type {any[]} */
let reports = [];
let turn = 0;
let reportWanted = false;
let typedChecked = "";

const at = (id) => /** @type {any} */ (document.getElementById(id));

/** What the reader trusts: the cards brought, and the lines typed. */
function gatherTrust() {
  const trust = noTrust();
  for (const card of cards) trustCard(trust, card);
  const lines = at("typed").value.split("\n").filter((line) => line.trim() !== "");
  const bad = lines.filter((line) => !trustText(trust, line)).length;
  const said = bad ? say("typed-bad", { count: bad }) : say("typed-good", { count: lines.length });
  at("typed-said").textContent = lines.length ? said : "";
  return trust;
}

/** Checks every file anew, and draws. A later call overtakes an earlier one. */
async function check() {
  turn += 1;
  typedChecked = at("typed").value;
  const mine = turn;
  const trust = gatherTrust();
  const found = [];
  for (const { name, bytes } of files) {
    at("busy").textContent = say("busy", { name });
    // Lets the browser draw before the work begins.
    await new Promise((done) => setTimeout(done, 0));
    found.push(await verifyFile(bytes, trust, { name }));
    if (mine !== turn) return;
  }
  reports = found;
  at("busy").textContent = "";
  draw();
  if (reportWanted) at("reports").firstElementChild?.focus();
  reportWanted = false;
}

/** Draws cards and reports in the language of the screen. */
function draw() {
  at("cards").replaceChildren(
    ...cards.map((card) =>
      drawCard(card, () => {
        cards = cards.filter((each) => each !== card);
        draw();
        check();
      }),
    ),
  );
  at("reports").replaceChildren(
    ...reports.map((report, place) =>
      drawReport(report, () => {
        files = files.filter((_, each) => each !== place);
        check();
        at("files").focus();
      }),
    ),
  );
}

/** @param {Iterable<File>} list what was dropped or chosen */
async function takeFiles(list) {
  const problems = [];
  for (const file of [...list].slice(0, PAGE_FILES)) {
    // A few bytes beyond the limit are enough to say that it is too long.
    const bytes = new Uint8Array(await file.slice(0, PAGE_BYTES + 1).arrayBuffer());
    const card = cardBytes(bytes);
    const text = card === null && bytes.length < 4096 ? fromUtf8(bytes) : null;
    if (card !== null) problems.push(...(await takeCard(file.name, card)));
    else if (text !== null && trustText(noTrust(), text)) at("typed").value += `${text.trim()}\n`;
    else files = [...files.filter((each) => each.name !== file.name), { name: file.name, bytes }].slice(-PAGE_FILES);
  }
  at("problem").textContent = problems.join("\n");
  reportWanted = files.length > 0;
  await check();
}

/** @returns {Promise<string[]>} what is wrong with a card, if anything */
async function takeCard(name, bytes) {
  try {
    const card = await readTrustedCard(bytes);
    cards = [...cards.filter((each) => each.fingerprint !== card.fingerprint || each.number !== card.number), card];
    return [];
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof TooMuch)) throw error;
    return [say("bad-card", { name, why: told(error.said) })];
  }
}

function listen() {
  const drop = at("drop");
  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.remove("over");
    });
  }
  document.addEventListener("drop", (event) => takeFiles(event.dataTransfer?.files ?? []));
  at("files").addEventListener("change", async (event) => {
    await takeFiles(event.target.files);
    event.target.value = "";
  });
  at("typed").addEventListener("change", () => {
    if (at("typed").value !== typedChecked) check();
  });
  for (const button of document.querySelectorAll("[data-language]")) {
    button.addEventListener("click", () => changeLanguage(button.dataset.language));
  }
}

function changeLanguage(chosen) {
  setLanguage(chosen);
  gatherTrust();
  tellEngine();
  draw();
}

async function tellEngine() {
  if (!globalThis.crypto?.subtle) at("problem").textContent = say("unsafe");
  else at("engine").textContent = say("engine", { engine: await chooseEquation() });
}

function begin() {
  setLanguage((navigator.language ?? "en").startsWith("zh") ? "zh" : "en");
  listen();
  tellEngine();
}

begin();
