// A bundle (spec/bundle.md): its members, their order, and that each serves.

import { compareBytes, sameBytes, toHex } from "./bytes.js";
import { checkCardSignatures, compareCards, readCard, sameRoots } from "./card.js";
import { checkEncoding, Reader } from "./cbor.js";
import { readCharter } from "./charter.js";
import {
  DEPTH_BODY,
  DEPTH_BUNDLE,
  PAGE_BYTES,
  PAGE_CARDS,
  PAGE_CHARTERS,
  PAGE_CLAIMS,
  PAGE_LEAVES,
  PAGE_NOTES,
  PAGE_PARTS,
  PAGE_PARTS_OF_A_LOG,
  PAGE_VALUES,
} from "./limits.js";
import { checkLines, membersFit, readNote, refusal } from "./note.js";
import { compareParts, readPart } from "./part.js";
import { Refusal, said, TooMuch } from "./refusal.js";
import { knownWitnesses } from "./trust.js";

export const RECORD = 0;
export const DELIVERED = 1;
export const LAPSED = 2;
export const DARK = 3;
export const FORK = 4;
export const ROLLBACK = 5;
export const EXTRACT = 6;
export const ANSWERED = 7;

/**
 * @typedef {{ what: number, party: number, index: number, inc: string, about: number, named: number[],
 *   path: string, offset: number, charter: any, origin: string, subjectPid: string, aboutPid: string,
 *   notes: import("./note.js").Note[] }} Claim
 * @typedef {{ reader: Reader, cards: import("./card.js").Card[],
 *   parties: Map<string, import("./card.js").Card[]>, charters: Map<string, import("./charter.js").Charter>,
 *   notes: import("./note.js").Note[], parts: import("./part.js").Part[], claims: Claim[],
 *   timeTokensBeside: { type: number, note: number }[], unreadTokens: Set<string>, noticed: any[],
 *   witnesses: Map<string, any[]>, [later: string]: any }} Bundle
 */

/**
 * The members of a bundle in their form and order; signatures are for `checkBundle`.
 * @param {Uint8Array} bytes @returns {Bundle}
 */
export function readBundle(bytes) {
  if (bytes.length > PAGE_BYTES) throw new TooMuch("bytes", PAGE_BYTES);
  checkEncoding(bytes, DEPTH_BUNDLE, PAGE_VALUES);
  const reader = new Reader(bytes);
  reader.array("", 2);
  const nameAt = reader.at;
  if (reader.text("") !== "parley1 bundle") throw reader.refuse("", "no-bundle", {}, nameAt);
  /** @type {any} */
  const bundle = {
    reader,
    timeTokensBeside: [],
    unreadTokens: new Set(),
    noticed: [],
    witnesses: new Map(),
  };
  const met = new Set();
  const mapAt = reader.at;
  for (let left = reader.map(""); left > 0; left -= 1) {
    const at = reader.at;
    const key = reader.anyUint("");
    met.add(key);
    if (key > 5) throw reader.refuse("", "unknown-key", { key: String(key) }, at);
    MEMBERS[Number(key)](bundle, reader);
  }
  for (const key of [0, 1, 2, 3, 5]) {
    if (!met.has(key)) throw reader.refuse("", "missing-key", { key }, mapAt);
  }
  return bundle;
}

const MEMBERS = [
  (bundle, reader) => {
    bundle.cards = members(reader, "cards", 1, PAGE_CARDS, lone(readCard));
  },
  (bundle, reader) => {
    const charters = members(reader, "charters", 1, PAGE_CHARTERS, lone(readCharter));
    ascending(reader, charters, (one, other) => (one.channel < other.channel ? -1 : 1));
    bundle.charters = new Map(charters.map((each) => [each.channel, each]));
    if (bundle.charters.size !== charters.length) throw reader.refuse("charters", "order");
  },
  (bundle, reader) => {
    bundle.notes = members(reader, "notes", 1, PAGE_NOTES, readNoteMember);
    bundle.notes.forEach((note, index) => (note.index = index));
    ascending(reader, bundle.notes, compareNotes);
  },
  (bundle, reader) => {
    const budget = { leaves: PAGE_LEAVES };
    const tooMany = () => new TooMuch("leaves", PAGE_LEAVES);
    bundle.parts = members(reader, "log parts", 0, PAGE_PARTS, (each, path) =>
      readPart(each, path, budget, tooMany),
    );
    ascending(reader, bundle.parts, compareParts);
  },
  (bundle, reader) => {
    bundle.timeTokensBeside = members(reader, "time tokens", 0, PAGE_VALUES, (each, path) => {
      const at = each.at;
      each.array(path, 3);
      const note = each.uint(`${path}/0`);
      const type = each.uint(`${path}/1`);
      each.byteString(`${path}/2`);
      return { note, type, path, offset: at, raw: each.bytes.subarray(at, each.at) };
    });
    onlyOnce(reader, bundle.timeTokensBeside);
  },
  (bundle, reader) => {
    bundle.claims = members(reader, "claims", 0, PAGE_CLAIMS, readClaim);
    onlyOnce(reader, bundle.claims);
  },
];

/** A list of the bundle. A length beyond what this page takes is no fault of the bundle. */
function members(reader, name, least, most, read) {
  const at = reader.at;
  const count = reader.array(name);
  if (count < least) throw reader.refuse(name, "count", { least, most }, at);
  if (count > most) throw new TooMuch(name, most);
  return Array.from({ length: count }, (_, place) => read(reader, `${name}[${place}]`));
}

/** A card or charter has at most eight levels of its own. */
function lone(read) {
  return (reader, path) => {
    const at = reader.at;
    try {
      checkEncoding(reader.skip(), DEPTH_BODY, PAGE_VALUES);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw reader.refuse(path, error.said.key, error.said.args, at + error.offset);
    }
    reader.at = at;
    return read(reader, path);
  };
}

function readNoteMember(reader, path) {
  const at = reader.at;
  const note = readNote(reader.textBytes(path));
  if (typeof note === "string") throw reader.refuse(path, note, {}, at);
  note.path = path;
  note.offset = reader.origin + at;
  return note;
}

function compareNotes(one, other) {
  if (one.origin !== other.origin) return one.origin < other.origin ? -1 : 1;
  return one.no - other.no || compareBytes(one.text, other.text);
}

function ascending(reader, list, compare) {
  for (let at = 1; at < list.length; at += 1) {
    if (compare(list[at - 1], list[at]) >= 0) {
      throw reader.refuse(list[at].path, "order", {}, list[at].offset);
    }
  }
}

/** What may stand in any order stands once all the same. */
function onlyOnce(reader, list) {
  const met = new Set();
  for (const { raw, path, offset } of list) {
    const spelled = toHex(raw);
    if (met.has(spelled)) throw reader.refuse(path, "stands-twice", {}, offset);
    met.add(spelled);
  }
}

/** @returns {Claim} */
function readClaim(reader, path) {
  const offset = reader.at;
  reader.array(path, 6);
  const what = reader.uint(`${path}/0`, 7);
  const party = reader.uint(`${path}/1`);
  const index = reader.uint(`${path}/2`);
  const incAt = reader.at;
  const inc = toHex(reader.byteString(`${path}/3`, 8));
  const about = reader.uint(`${path}/4`);
  const notesAt = reader.at;
  const named = Array.from({ length: reader.array(`${path}/5`) }, (_, place) =>
    reader.uint(`${path}/5/${place}`),
  );
  if (named.some((note, place) => place > 0 && note <= named[place - 1])) {
    throw reader.refuse(`${path}/5`, "order", {}, notesAt);
  }
  const raw = reader.bytes.subarray(offset, reader.at);
  return /** @type {any} */ ({ what, party, index, inc, about, named, path, offset, incAt, raw });
}

/**
 * All that holds for a bundle as a whole, whatever it claims.
 * @param {Bundle} bundle @param {import("./trust.js").Trust} trust
 */
export async function checkBundle(bundle, trust) {
  const { reader } = bundle;
  for (const card of bundle.cards) {
    await checkCardSignatures(card, reader);
    await bundle.effort.spendOnSignatures(2 + card.prekeys.length);
  }
  ascending(reader, bundle.cards, compareCards);
  checkKeys(bundle);
  takeNewerCards(bundle, trust);
  bundle.parties = new Map();
  for (const card of bundle.cards) {
    bundle.parties.set(card.pid, [...(bundle.parties.get(card.pid) ?? []), card]);
  }
  checkCharters(bundle);
  for (const charter of bundle.charters.values()) {
    bundle.witnesses.set(charter.channel, knownWitnesses(trust, charter));
  }
  for (const note of bundle.notes) {
    const cards = bundle.parties.get(note.pid);
    if (!cards) throw refusal(note, "signer-without-card");
    await checkLines(note, cards, bundle.witnesses.get(note.channel) ?? []);
    await bundle.effort.spendOnSignatures(note.lines.length);
  }
  checkParts(bundle);
  for (const each of bundle.timeTokensBeside) {
    if (each.note >= bundle.notes.length) throw reader.refuse(each.path, "no-such-note", {}, each.offset);
  }
  bundle.claims.forEach((claim) => placeClaim(bundle, claim));
  checkServing(bundle);
}

/** A card that the reader brings, newer than those shown of its party, may revoke what they carry. */
function takeNewerCards(bundle, trust) {
  for (const card of trust.cards) {
    const shown = bundle.cards.filter((each) => each.fingerprint === card.fingerprint).pop();
    if (!shown || card.number <= shown.number) continue;
    bundle.cards.splice(bundle.cards.indexOf(shown) + 1, 0, card);
    bundle.noticed.push(said("newer-card", { code: card.code, own: card.number, shown: shown.number }));
  }
}

/** One key in one place, one number for one key, one root for one party id. */
function checkKeys(bundle) {
  const places = new Map();
  const numbers = new Map();
  const put = (map, key, value, member) => {
    if (map.has(key) && map.get(key) !== value) {
      throw bundle.reader.refuse(member.path, "key-in-two-places", {}, member.offset);
    }
    map.set(key, value);
  };
  const roots = new Map();
  for (const card of bundle.cards) {
    const first = roots.get(card.pid) ?? card;
    if (!sameRoots(first, card)) throw bundle.reader.refuse(card.path, "two-roots", {}, card.offset);
    roots.set(card.pid, first);
    put(places, toHex(card.rootEd), `root ${card.pid}`, card);
    put(places, toHex(card.rootPq), `pq root ${card.pid}`, card);
    for (const { number, ed, pq } of card.keys) {
      put(places, toHex(ed), `key ${number} ${card.pid}`, card);
      put(numbers, `key ${number} ${card.pid}`, toHex(ed), card);
      if (pq === null) continue;
      put(places, toHex(pq), `twin ${number} ${card.pid}`, card);
      put(numbers, `twin ${number} ${card.pid}`, toHex(pq), card);
    }
    for (const { id, ed } of card.officers) {
      put(places, toHex(ed), `officer ${id} ${card.pid}`, card);
      put(numbers, `officer ${id} ${card.pid}`, toHex(ed), card);
    }
  }
  for (const charter of bundle.charters.values()) {
    for (const { name, key } of charter.witnesses) put(places, toHex(key), `witness ${name}`, charter);
  }
}

/** A charter serves a note; a note's parties are the charter's; a card is of one of them. */
function checkCharters(bundle) {
  const { reader } = bundle;
  for (const charter of bundle.charters.values()) {
    if (!bundle.notes.some((note) => note.channel === charter.channel)) {
      const args = { code: charter.code, channel: charter.channel, named: bundle.notes[0].channel };
      throw reader.refuse(charter.path, "charter-of-no-note", args, charter.offset);
    }
  }
  for (const note of bundle.notes) {
    const charter = bundle.charters.get(note.channel);
    if (!charter) throw refusal(note, "log-of-no-charter");
    if (!membersFit(note, charter)) throw refusal(note, "holding-unfit");
  }
  const known = new Set([...bundle.charters.values()].flatMap((charter) => charter.parties));
  for (const card of bundle.cards) {
    if (!known.has(card.pid)) {
      throw reader.refuse(card.path, "card-of-nobody", { code: card.code }, card.offset);
    }
  }
}

/** @param {import("./note.js").Note} note @param {any} log @returns {any} what the note says of a log, or null */
export function spokenOf(note, { channel, pid, inc }) {
  if (note.channel !== channel) return null;
  if (note.pid === pid) return note.inc === inc ? note : null;
  const held = note.holds.get(pid);
  return held?.inc === inc ? held : null;
}

/** Each part is of a party of its charter, its root is signed, and its opening entry is of this log. */
function checkParts(bundle) {
  const counts = new Map();
  for (const [place, part] of bundle.parts.entries()) {
    const { channel, pid, inc } = /** @type {any} */ (part.log);
    const charter = bundle.charters.get(channel);
    const refuse = (key, args = {}) => bundle.reader.refuse(part.path, key, args, part.offset);
    if (!charter) throw refuse("log-of-no-charter");
    if (!charter.parties.includes(pid)) throw refuse("log-of-stranger");
    counts.set(part.origin, (counts.get(part.origin) ?? 0) + 1);
    if (counts.get(part.origin) > PAGE_PARTS_OF_A_LOG) {
      throw new TooMuch("parts of a log", PAGE_PARTS_OF_A_LOG);
    }
    const spoken = bundle.notes.map((note) => spokenOf(note, part.log)).filter(Boolean);
    if (!spoken.some((each) => each.size === part.size && sameBytes(each.root, part.root))) {
      const fitting = spoken.filter((each) => part.gives(each)).map((each) => each.size);
      throw refuse("root-unsigned", {
        part: place,
        name: bundle.parties.get(pid)?.[0].code ?? pid,
        size: part.size,
        fits: Math.max(0, ...fitting),
      });
    }
    checkOpening(part, charter, inc, refuse);
  }
}

function checkOpening(part, charter, inc, refuse) {
  const opening = part.leaves.get(0);
  if (!opening || opening.kind !== 0) return;
  const reader = new Map([...opening.opened].map(([field, raw]) => [field, new Reader(raw)]));
  const named = reader.get(16)?.value();
  const opened = reader.get(17)?.value();
  const fits = (value, wanted) => value instanceof Uint8Array && toHex(value) === wanted;
  if (named !== undefined && !fits(named, toHex(charter.hash))) throw refuse("opening-charter");
  if (opened !== undefined && !fits(opened, inc)) throw refuse("opening-incarnation");
}

/** A claim is about parties, notes and a log that are there. */
function placeClaim(bundle, claim) {
  const refuse = (key, offset = claim.offset, path = claim.path) =>
    bundle.reader.refuse(path, key, {}, offset);
  if (claim.named.some((note) => note >= bundle.notes.length)) throw refuse("no-such-note");
  const channels = new Set(claim.named.map((note) => bundle.notes[note].channel));
  if (claim.named.length === 0) {
    if (bundle.charters.size !== 1) throw refuse("claim-of-which-channel");
    channels.add([...bundle.charters.keys()][0]);
  }
  if (channels.size !== 1) throw refuse("claim-of-two-channels");
  const charter = bundle.charters.get([...channels][0]);
  claim.charter = charter;
  claim.subjectPid = charter.parties[claim.party];
  claim.aboutPid = charter.parties[claim.about];
  if (!claim.subjectPid || !claim.aboutPid) throw refuse("no-such-party");
  const alone = [RECORD, EXTRACT, FORK, ROLLBACK].includes(claim.what);
  const own = claim.what === LAPSED && claim.party === claim.about;
  if (alone !== (claim.party === claim.about) && !own) throw refuse("claim-parties");
  claim.origin = `parley1/${charter.channel}/${claim.subjectPid}/${claim.inc}`;
  const log = { channel: charter.channel, pid: claim.subjectPid, inc: claim.inc };
  if (!bundle.notes.some((note) => spokenOf(note, log) !== null)) {
    throw refuse("log-not-spoken-of", claim.incAt, `${claim.path}/3`);
  }
  claim.log = log;
  claim.notes = claim.named.length ? claim.named.map((note) => bundle.notes[note]) : bundle.notes;
  if (claim.index === 0 && [DELIVERED, LAPSED, DARK, EXTRACT, ANSWERED].includes(claim.what)) {
    throw refuse("claim-of-opening");
  }
}

/** Where there are claims, a note serves one of them or a log part. */
function checkServing(bundle) {
  const everything = bundle.claims.length === 0 || bundle.claims.some(({ named }) => named.length === 0);
  const named = new Set(bundle.claims.flatMap((claim) => claim.named));
  for (const note of bundle.notes) {
    const serves = bundle.parts.some((part) => spokenOf(note, part.log) !== null);
    if (!everything && !named.has(note.index) && !serves) throw refusal(note, "note-serves-nothing");
  }
}
