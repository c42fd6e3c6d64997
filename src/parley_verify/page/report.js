// A report in words, and as the JSON that `parley-verify --json` prints.

import { EXIT_LESS, EXIT_PROVED, EXIT_WRONG } from "./limits.js";
import { ENGLISH } from "./words_en.js";

const LAST_SECOND = 253402300799;
const UNITS = [
  ["d", 86400],
  ["h", 3600],
  ["min", 60],
];
const RESULTS = { [EXIT_PROVED]: "valid", [EXIT_LESS]: "incomplete", [EXIT_WRONG]: "does_not_hold" };

/** @param {number | bigint} time seconds since 1970 @returns {string} RFC 3339 in UTC, or the number */
export function when(time) {
  if (time > LAST_SECOND) return `${time} s`;
  return new Date(Number(time) * 1000).toISOString().replace(".000Z", "Z");
}

/** @param {number | bigint} seconds @returns {string} 90 s, 15 min, 6 h, 3 d */
export function howLong(seconds) {
  const exact = BigInt(seconds);
  for (const [unit, size] of UNITS) {
    const whole = BigInt(size);
    if (exact >= whole && exact % whole === 0n) return `${exact / whole} ${unit}`;
  }
  return `${exact} s`;
}

/**
 * @param {import("./refusal.js").Said} each @param {typeof ENGLISH} language @returns {string}
 */
export function inWords(each, language = ENGLISH) {
  return language[each.key](each.args, { when, long: howLong });
}

/** @param {import("./refusal.js").Said[]} words of a verdict @param {typeof ENGLISH} language */
export function verdictInWords(words, language = ENGLISH) {
  return words.map((each) => inWords(each, language)).join(", ");
}

/** @param {import("./verify.js").Report} report @returns {string | null} */
export function placeInWords(report) {
  if (report.wrong === null) return null;
  return `byte ${report.offset}` + (report.path ? `, ${report.path}` : "");
}

/** @param {import("./verify.js").Report} report @returns {any} one item of `parley-verify --json` */
export function jsonItem(report) {
  const english = (list) => list.map((each) => inWords(each));
  const marked = (verdict, mark) => english(verdict.steps.filter((step) => step.mark === mark).map((step) => step.said));
  return {
    file: report.file,
    bytes: report.bytes,
    sha256: report.sha256,
    result: RESULTS[report.exit],
    exit: report.exit,
    cards: report.cards.map((card) => ({ ...card, issued: when(card.issued) })),
    summary: report.summary && { ...report.summary, witnesses: english(report.summary.witnesses) },
    claims: report.claims.map(({ claim, verdict }) => ({
      claim: inWords(claim),
      verdict: verdictInWords(verdict.words),
      exit: verdict.exit,
      proved: marked(verdict, "shown"),
      not_proved: marked(verdict, "not shown"),
      against: marked(verdict, "against"),
      remarks: english(verdict.remarks),
      steps: verdict.steps.map((step) => ({ mark: step.mark, text: inWords(step.said) })),
    })),
    noticed: english(report.noticed),
    not_checked: english(report.notChecked),
    wrong: report.wrong && inWords(report.wrong),
    where: placeInWords(report),
    offset: report.offset,
  };
}

/** @param {import("./verify.js").Report[]} reports @returns {any} the whole object of `parley-verify --json` */
export function jsonReport(reports) {
  const exits = reports.map((report) => report.exit);
  const exit = exits.includes(EXIT_WRONG) ? EXIT_WRONG : Math.max(EXIT_PROVED, ...exits);
  return {
    schema: "parley.verify/1",
    ok: exit === EXIT_PROVED,
    data: { exit, items: reports.map(jsonItem), next_cursor: null },
    warnings: [],
  };
}
