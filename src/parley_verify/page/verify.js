// One file from its bytes to a report. Nothing here touches the screen.

import { cardBytes, readTrustedCard } from "./trust.js";
import { checkBundle, DARK, DELIVERED, EXTRACT, FORK, LAPSED, readBundle, RECORD, ROLLBACK } from "./bundle.js";
import { judgeAnswered, judgeDelivered, judgeExtract, judgeRecord, notShown } from "./delivery.js";
import { findNoticed, judgeHistory } from "./histories.js";
import { judgeDark, judgeLapsed } from "./lapse.js";
import { EXIT_LESS, EXIT_PROVED, EXIT_WRONG, PAGE_STEPS } from "./limits.js";
import { noticeFiles } from "./files.js";
import { noticeEntries } from "./noticed.js";
import { Effort, Refusal, said, TooMuch } from "./refusal.js";
import { noticeUnfit } from "./sealed.js";
import { sha256 } from "./sha256.js";
import { readEntries, weighNotes } from "./standing.js";
import { summarise } from "./summary.js";
import { toHex } from "./bytes.js";

/**
 * @typedef {import("./refusal.js").Said} Said
 * @typedef {{ file: string, bytes: number, sha256: string, exit: number, cards: any[], summary: any,
 *   claims: { claim: Said, verdict: import("./delivery.js").Verdict }[], noticed: Said[], notChecked: Said[],
 *   wrong: Said | null, path: string | null, offset: number | null, bundle: any }} Report
 */

const BY_CODE = /\/[0-9a-f]{32}$/;

const JUDGES = {
  [RECORD]: judgeRecord,
  [DELIVERED]: (bundle, claim) => judgeDelivered(bundle, claim),
  [LAPSED]: judgeLapsed,
  [DARK]: judgeDark,
  [FORK]: judgeHistory,
  [ROLLBACK]: judgeHistory,
  [EXTRACT]: judgeExtract,
};

/**
 * Checks one file against what the reader trusts.
 * @param {Uint8Array} bytes @param {import("./trust.js").Trust} trust
 * @param {{ name?: string }} [options]
 * @returns {Promise<Report>} never throws for what stands in a file
 */
export async function verifyFile(bytes, trust, { name = "bundle" } = {}) {
  /** @type {Report} */
  const report = {
    file: name,
    bytes: bytes.length,
    sha256: toHex(sha256(bytes)),
    exit: EXIT_PROVED,
    cards: [],
    summary: null,
    claims: [],
    noticed: [],
    notChecked: [],
    wrong: null,
    path: null,
    offset: null,
    bundle: null,
  };
  try {
    const card = bytes[0] === 0x2d || bytes[0] === 0x84 ? cardBytes(bytes) : null;
    await (card ? reportCard(report, card, trust) : reportBundle(report, bytes, trust));
  } catch (error) {
    settle(report, error);
  }
  if (report.exit === EXIT_PROVED && report.notChecked.length > 0) report.exit = EXIT_LESS;
  return report;
}

/** What ended the work on a file. */
function settle(report, error) {
  if (error instanceof Refusal) {
    report.exit = EXIT_WRONG;
    report.wrong = error.said;
    report.path = error.path;
    report.offset = error.offset;
    report.claims = [];
    report.noticed = [];
    report.notChecked = [];
  } else if (error instanceof TooMuch) {
    report.exit = EXIT_LESS;
    report.claims = [];
    report.notChecked = [error.said];
  } else {
    throw error;
  }
}

/** A card by itself: whether its root signed it, and whether the reader knows its fingerprint. */
async function reportCard(report, bytes, trust) {
  const card = await readTrustedCard(bytes);
  const trusted = trust.fingerprints.has(card.fingerprint);
  report.cards = [cardRow(card, trusted)];
  const steps = [{ mark: "shown", said: said("roots-signed", { fingerprint: card.fingerprint }) }];
  if (!trusted) steps.push(notShown("card-not-compared", {}));
  report.claims.push({
    claim: said("card-of", { code: card.code }),
    verdict: {
      words: [said(trusted ? "card-vouched" : "card-unknown")],
      exit: trusted ? EXIT_PROVED : EXIT_LESS,
      steps: /** @type {any} */ (steps),
      remarks: [],
    },
  });
  report.exit = trusted ? EXIT_PROVED : EXIT_LESS;
}

const cardRow = (card, trusted) => ({
  code: card.code,
  name: card.name,
  fingerprint: card.fingerprint,
  number: card.number,
  issued: card.issued,
  trusted,
});

/** All steps for a bundle, in their order. */
async function reportBundle(report, bytes, trust) {
  const bundle = readBundle(bytes);
  const everyone = trust.fingerprints.size === 0;
  bundle.effort = new Effort(PAGE_STEPS);
  report.bundle = bundle;
  await checkBundle(bundle, trust);
  report.cards = bundle.cards.map((card) => cardRow(card, trust.fingerprints.has(card.fingerprint)));
  bundle.nameOf = (pid) => bundle.parties.get(pid)?.at(-1).code ?? pid.slice(0, 8);
  bundle.witnessName = shortNames(bundle);
  await readEntries(bundle);
  weighNotes(bundle, trust, everyone);
  report.notChecked.push(...bundle.timeTokensBeside.map(({ type, note }) => said("time-token", { type, note })));
  report.notChecked.push(...bundle.notes.flatMap((note) => note.unchecked));
  report.notChecked.push(...doubtfulWitnesses(bundle));
  report.summary = summarise(bundle);
  report.noticed = [...bundle.noticed, ...findNoticed(bundle), ...bundle.notes.flatMap((note) => note.noticed)];
  await noticeEntries(bundle, report);
  noticeUnfit(bundle, report);
  noticeFiles(bundle, report);
  for (const claim of bundle.claims) {
    const verdict = judgeBest(bundle, claim);
    if (everyone) unproved(verdict);
    await bundle.effort.rest();
    report.claims.push({ claim: titleOf(bundle, claim), verdict });
  }
  report.notChecked.push(...[...bundle.unreadTokens].map((entry) => said("token-type", { entry })));
  const exits = report.claims.map((each) => each.verdict.exit);
  if (everyone) exits.push(EXIT_LESS);
  report.exit = exits.includes(EXIT_WRONG) ? EXIT_WRONG : Math.max(EXIT_PROVED, ...exits);
}

/** The verdict under the log part that gives a claim the strongest word. */
function judgeBest(bundle, claim) {
  const judge = JUDGES[claim.what] ?? judgeAnswered;
  const first = judge(bundle, claim);
  if (judge === judgeHistory || judge === judgeRecord) return first;
  const parts = bundle.parts.filter((part) => part.origin === claim.origin && part.leaves.has(claim.index));
  if (parts.length < 2) return first;
  const others = parts.map((part) => judge(bundle, { ...claim, part }));
  return others.reduce((one, other) => (other.exit < one.exit ? other : one), first);
}

/** Witnesses by their code, where a code names only one of them. */
function shortNames(bundle) {
  const names = new Set([...bundle.witnesses.values()].flat().map(({ name }) => name));
  const codes = [...names].map((name) => name.replace(BY_CODE, ""));
  return (name) => {
    const code = name.replace(BY_CODE, "");
    return codes.filter((each) => each === code).length === 1 ? code : name;
  };
}

/** A reader who gave no fingerprint is answered as if every card were trusted, and told so. */
function unproved(verdict) {
  verdict.words.push(said("if-fingerprints-theirs"));
  verdict.steps.push(notShown("whose-keys", {}));
  if (verdict.exit === EXIT_PROVED) verdict.exit = EXIT_LESS;
}

/** Witnesses whose line verifies under a key that the charter alone vouches for. */
function doubtfulWitnesses(bundle) {
  const names = bundle.notes.flatMap((note) => note.cosignatures.filter(({ trusted }) => !trusted));
  return [...new Set(names.map(({ name }) => name))].map((name) =>
    said("witness-not-given", { name: bundle.witnessName(name) }),
  );
}

const TITLES = ["record", "delivered", "lapsed", "dark", "fork", "rollback", "extract", "answered"];

/** @returns {Said} what a claim says */
function titleOf(bundle, claim) {
  const args = {
    a: bundle.nameOf(claim.subjectPid),
    b: bundle.nameOf(claim.aboutPid),
    index: claim.index,
  };
  return said(`claim-${TITLES[claim.what]}`, args);
}
