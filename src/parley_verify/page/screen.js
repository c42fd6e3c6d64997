// Draws reports. Every text of a file reaches the screen as text, never as markup.

import { nameOfField, nameOfKind } from "./desk_names.js";
import { EXIT_PROVED, EXIT_WRONG } from "./limits.js";
import { inWords, jsonReport, placeInWords, verdictInWords } from "./report.js";
import { SCREEN } from "./screen_words.js";
import { entriesShown, visible } from "./shown.js";
import { ENGLISH } from "./words_en.js";
import { wordsOf } from "./words_list.js";
import { CHINESE } from "./words_zh.js";

const REPORT_WORDS = { en: ENGLISH, zh: CHINESE };
const MARKS = { shown: "good", "not shown": "less", against: "bad" };

let language = "en";

/** @param {string} key @param {any} [args] @returns {string} what the screen says */
export function say(key, args = {}) {
  const found = SCREEN[language][key];
  return typeof found === "function" ? found(args) : found;
}

/** @param {string} chosen `en` or `zh` */
export function setLanguage(chosen) {
  language = chosen === "zh" ? "zh" : "en";
  document.documentElement.lang = language;
  document.title = `Parley: ${say("page-name")}`;
  for (const place of document.querySelectorAll("[data-say]")) place.textContent = say(place.dataset.say);
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === language));
  }
}

/** @param {any} each a sentence of a report @returns {string} in the language of the screen */
export function told(each) {
  return visible(inWords(each, REPORT_WORDS[language]));
}

/**
 * @param {string} tag @param {Record<string, string>} [attributes] @param {...(Node | string)} inside
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...inside);
  return element;
}

/** A step with its mark in front. */
function step(tone, tag, text) {
  return make("li", {}, make("span", { class: `tag ${tone}` }, tag), make("span", {}, text));
}

/** @param {any} card @param {() => void} remove @returns {HTMLElement} a card that the reader brought */
export function drawCard(card, remove) {
  const button = make("button", { type: "button", "aria-label": `${say("remove")}: ${card.code}` }, say("remove"));
  button.addEventListener("click", remove);
  const words = wordsOf(card.fingerprint);
  return make(
    "li",
    {},
    make("div", { class: "row" }, make("strong", {}, `${card.code}: ${visible(card.name)}`), button),
    make("span", { class: "mono dim" }, card.fingerprint),
    make("span", { lang: "en" }, `${say("words-of")}: ${words.en.join(" ")}`),
    make("span", { lang: "zh" }, words.zh.join(" ")),
  );
}

/** The key of the sentence for a whole report. */
function headline(report) {
  if (report.exit === EXIT_PROVED) return "e0";
  if (report.exit === EXIT_WRONG) return report.wrong ? "e7-file" : "e7";
  if (report.summary === null && report.claims.length === 0) return "e14-all";
  return report.claims.length === 0 ? "e14-empty" : "e14";
}

/** @param {any} report @param {() => void} close @returns {HTMLElement} */
export function drawReport(report, close) {
  const panel = make("section", { class: "panel", tabindex: "-1", "data-exit": String(report.exit) });
  panel.append(
    make("h2", {}, say("result", { name: visible(report.file) })),
    make(
      "div",
      { class: `verdict e${report.exit}` },
      make("strong", {}, say(headline(report))),
      make("span", {}, say("exit", { exit: report.exit })),
    ),
    make("p", { class: "mono dim" }, say("file", report)),
  );
  if (report.wrong) panel.append(drawWrong(report));
  if (report.claims.length > 0) panel.append(make("h3", {}, say("claims-head")));
  for (const each of report.claims) panel.append(drawClaim(each));
  if (report.summary && !report.wrong) panel.append(make("h3", {}, say("what-checked")), drawSteps(report));
  panel.append(...drawList("noticed", report.noticed), ...drawList("unchecked", report.notChecked));
  if (report.summary && !report.wrong) panel.append(drawEntries(report.bundle));
  panel.append(drawJson(report, close));
  return panel;
}

function drawWrong(report) {
  return make(
    "div",
    { class: "claim" },
    make("h3", {}, say("wrong")),
    make("p", { class: `word e${EXIT_WRONG}` }, told(report.wrong)),
    make("p", { class: "mono" }, say("where", { where: placeInWords(report) })),
  );
}

function drawClaim({ claim, verdict }) {
  const steps = verdict.steps.map(({ mark, said }) => step(MARKS[mark], say(mark), told(said)));
  const remarks = verdict.remarks.map((each) => step("dim", say("remark"), told(each)));
  const word = visible(verdictInWords(verdict.words, REPORT_WORDS[language]));
  return make(
    "article",
    { class: "claim" },
    make("p", {}, told(claim)),
    make("p", { class: `word e${verdict.exit}` }, word),
    make("ol", { class: "steps" }, ...steps, ...remarks),
  );
}

/** What was checked of the whole bundle, in plain words. */
function drawSteps({ summary, cards }) {
  const trusted = cards.filter((card) => card.trusted).length;
  const rows = [
    ["good", "form", {}],
    [trusted === cards.length ? "good" : "part", "cards-step", { count: cards.length, trusted }],
  ];
  let rest = false;
  for (const [name, { valid, total }] of Object.entries(summary.signatures)) {
    rows.push([valid === total ? "good" : "part", "signatures-step", { name, valid, total }]);
    rest ||= valid < total;
  }
  if (rest) rows.push(["less", "signatures-rest", {}]);
  rows.push(["good", summary.entries ? "inclusion-step" : "inclusion-none", summary]);
  const { logs_consistent: good, logs, receipts: all, receipts_shown: shown } = summary;
  rows.push([good === logs ? "good" : "bad", "consistency-step", { good, logs }]);
  rows.push([shown === all ? "good" : "part", "receipts-step", { shown, all }]);
  for (const row of summary.witnesses) {
    const tone = row.args.checked && row.args.trusted ? "good" : "less";
    rows.push([tone, "witness-step", { row: told(row) }]);
  }
  if (summary.witnesses.length === 0) rows.push(["less", "no-witness", {}]);
  const { withheld_fields: fields, withheld_entries: entries } = summary;
  rows.push([fields ? "part" : "good", fields ? "withheld-step" : "withheld-none", { fields, entries }]);
  const tones = { good: "good", part: "less", less: "less", bad: "bad" };
  return make("ol", { class: "steps" }, ...rows.map(([tone, key, args]) => step(tones[tone], say(tone), say(key, args))));
}

function drawList(key, list) {
  if (list.length === 0) return [];
  return [make("h3", {}, say(key)), make("ul", { class: "plain" }, ...list.map((each) => make("li", {}, told(each))))];
}

/** A number, which is what was proved, and what it is called. */
function named(number, name) {
  if (name === "") return String(number);
  return language === "zh" ? `${number}（${name}）` : `${number} (${name})`;
}

/** The entries that are shown, with their texts. */
function drawEntries(bundle) {
  const { rows, more } = entriesShown(bundle);
  const box = make("details", {}, make("summary", {}, `${say("entries")} (${rows.length + more})`));
  for (const row of rows) {
    const kind = named(row.kind, nameOfKind(row.kind, language));
    const entry = make("div", { class: "entry" }, make("span", {}, say("entry", { ...row, kind })));
    for (const text of row.texts) {
      entry.append(make("bdi", { class: "said" }, text ?? say("packed-unknown")));
    }
    if (row.withheld.length) {
      const first = row.withheld.slice(0, 20);
      const names = first.map((field) => named(field, nameOfField(row.kind, field, language)));
      const fields = names.join(language === "zh" ? "、" : ", ");
      entry.append(make("span", { class: "dim" }, say("entry-withheld", { fields })));
    }
    if (row.off) entry.append(make("span", { class: "dim" }, say("entry-off")));
    box.append(entry);
  }
  if (more > 0) box.append(make("p", { class: "dim" }, say("more", { count: more })));
  return box;
}

/** The report as JSON, to copy. */
function drawJson(report, close) {
  const text = JSON.stringify(jsonReport([report]), null, 2);
  const copy = make("button", { type: "button" }, say("copy"));
  const away = make("button", { type: "button" }, say("close"));
  const status = make("span", { role: "status" });
  const shown = make("pre", { tabindex: "0", "aria-label": say("json") }, text);
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = say("copied");
    } catch {
      status.textContent = say("not-copied");
    }
  });
  away.addEventListener("click", close);
  return make(
    "div",
    {},
    make("div", { class: "buttons" }, copy, away, status),
    make("details", {}, make("summary", {}, say("json")), shown),
  );
}
