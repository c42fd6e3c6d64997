// Cards (spec/identity.md): the keys of a party, signed by its roots.

import { compareBytes, fromUtf8, joinBytes, sameBytes, toHex, utf8 } from "./bytes.js";
import { checkEncoding, encodeUint, Reader } from "./cbor.js";
import { acceptableKey, verifyEd25519 } from "./ed25519.js";
import {
  CARD_BYTES,
  CARD_HINTS,
  CARD_OFFICERS,
  CARD_PREKEYS,
  CARD_STATION_KEYS,
  DEPTH_BODY,
  HINT_BYTES,
  NAME_CHARACTERS,
  PAGE_VALUES,
} from "./limits.js";
import { verifyMlDsa65 } from "./mldsa65.js";
import { sha256 } from "./sha256.js";

const ROOT_PQ_BYTES = 1952;
const SIGNATURE_PQ_BYTES = 3309;
const PREKEY_BYTES = 1216;
/** A signature of 64 bytes with its head. */
const ED_MEMBER_BYTES = 66;
const CODE = /^[A-Z0-9-]{1,16}$/;
const REQUIRED = [0, 1, 2, 3, 4, 5, 6, 7];

/**
 * @typedef {{ number: number, ed: Uint8Array, pq: Uint8Array | null, from: number, until: number,
 *   revoked: number | null }} StationKey
 * @typedef {{ id: number, expires: number, key: Uint8Array, sig: Uint8Array }} Prekey
 * @typedef {{ number: number, code: string, name: string, rootEd: Uint8Array, rootPq: Uint8Array,
 *   keys: StationKey[], issued: number, notAfter: number, prekeys: Prekey[],
 *   officers: { id: number, ed: Uint8Array }[], fingerprint: string, pid: string, body: Uint8Array,
 *   signature: Uint8Array, signaturePq: Uint8Array, path: string, offset: number }} Card
 */

/**
 * The form of a card; its signatures are for `checkCardSignatures`.
 * @param {Reader} reader at the card's array @param {string} path @returns {Card}
 */
export function readCard(reader, path) {
  const start = reader.at;
  reader.array(path, 4);
  if (reader.text(`${path}/0`) !== "parley1 card") throw reader.refuse(`${path}/0`, "no-card", {}, start);
  const body = reader.byteString(`${path}/1`);
  const bodyAt = reader.at - body.length;
  const signature = reader.byteString(`${path}/2`, 64);
  const signaturePq = reader.byteString(`${path}/3`, SIGNATURE_PQ_BYTES);
  if (reader.at - start > CARD_BYTES) throw reader.refuse(path, "card-too-long", {}, start);
  const card = readBody(body, reader.origin + bodyAt, `${path}/1`);
  const fingerprint = sha256("parley1 root\0", card.rootEd, card.rootPq);
  return {
    ...card,
    body,
    signature,
    signaturePq,
    fingerprint: toHex(fingerprint),
    pid: toHex(fingerprint.subarray(0, 16)),
    path,
    offset: reader.origin + start,
  };
}

/** Offsets of refusals in a nested byte string count from the file's first byte. */
function moved(work, origin, path) {
  try {
    return work();
  } catch (error) {
    if (error.said && error.path === "") {
      error.offset += origin;
      error.path = path;
    }
    throw error;
  }
}

/** @param {Uint8Array} body @param {number} origin @param {string} path */
function readBody(body, origin, path) {
  moved(() => checkEncoding(body, DEPTH_BODY, PAGE_VALUES), origin, path);
  const reader = new Reader(body, 0, origin);
  /** @type {any} */
  const card = { prekeys: [], officers: [], keys: [] };
  const met = new Set();
  for (let left = reader.map(path); left > 0; left -= 1) {
    const at = reader.at;
    const key = reader.anyUint(path);
    met.add(key);
    const read = FIELDS[Number(key)];
    if (key > 10 || !read) throw reader.refuse(path, "unknown-key", { key: String(key) }, at);
    read(card, reader, `${path}/${key}`);
  }
  for (const key of REQUIRED) {
    if (!met.has(key)) throw reader.refuse(path, "missing-key", { key }, 0);
  }
  checkDoubles(card, reader, path);
  return card;
}

const FIELDS = [
  (card, reader, path) => (card.number = reader.uint(path)),
  (card, reader, path) => {
    card.code = reader.text(path);
    if (!CODE.test(card.code)) throw reader.refuse(path, "card-code");
  },
  (card, reader, path) => {
    card.name = reader.text(path);
    const count = [...card.name].length;
    if (count < 1 || count > NAME_CHARACTERS) throw reader.refuse(path, "card-name");
  },
  (card, reader, path) => (card.rootEd = acceptable(reader, path)),
  (card, reader, path) => (card.rootPq = reader.byteString(path, ROOT_PQ_BYTES)),
  (card, reader, path) => {
    card.keys = listOf(reader, path, 1, CARD_STATION_KEYS, stationKey);
  },
  (card, reader, path) => (card.issued = reader.uint(path)),
  (card, reader, path) => (card.notAfter = reader.uint(path)),
  (card, reader, path) => (card.prekeys = listOf(reader, path, 0, CARD_PREKEYS, prekey)),
  (card, reader, path) => (card.hints = listOf(reader, path, 0, CARD_HINTS, hint)),
  (card, reader, path) => (card.officers = listOf(reader, path, 0, CARD_OFFICERS, officer)),
];

/** An array of bounded length. */
function listOf(reader, path, least, most, read) {
  const at = reader.at;
  const count = reader.array(path);
  if (count < least || count > most) throw reader.refuse(path, "count", { least, most }, at);
  return Array.from({ length: count }, (_, place) => read(reader, `${path}/${place}`));
}

/** An Ed25519 key that counts. */
function acceptable(reader, path) {
  const at = reader.at;
  const key = reader.byteString(path, 32);
  if (!acceptableKey(key)) throw reader.refuse(path, "bad-key", {}, at);
  return key;
}

/** @returns {StationKey} */
function stationKey(reader, path) {
  const at = reader.at;
  const members = reader.array(path);
  if (members !== 5 && members !== 6) throw reader.refuse(path, "members", { size: 5, members }, at);
  const number = reader.uint(`${path}/0`, 255);
  const ed = acceptable(reader, `${path}/1`);
  let pq = null;
  if (reader.kind() === "null") reader.skip();
  else pq = reader.byteString(`${path}/2`, ROOT_PQ_BYTES);
  const from = reader.uint(`${path}/3`);
  const until = reader.uint(`${path}/4`);
  const revoked = members === 6 ? reader.uint(`${path}/5`) : null;
  return { number, ed, pq, from, until, revoked };
}

/** @returns {Prekey} */
function prekey(reader, path) {
  reader.array(path, 4);
  return {
    id: reader.uint(`${path}/0`, 4294967295),
    expires: reader.uint(`${path}/1`),
    key: reader.byteString(`${path}/2`, PREKEY_BYTES),
    sig: reader.byteString(`${path}/3`, 64),
  };
}

function hint(reader, path) {
  const at = reader.at;
  const bytes = reader.textBytes(path);
  if (bytes.length < 1 || bytes.length > HINT_BYTES) throw reader.refuse(path, "hint", {}, at);
  return fromUtf8(bytes);
}

function officer(reader, path) {
  reader.array(path, 3);
  const id = reader.uint(`${path}/0`);
  const ed = acceptable(reader, `${path}/1`);
  reader.uint(`${path}/2`);
  return { id, ed };
}

/** Nothing of a card stands twice. */
function checkDoubles(card, reader, path) {
  const keys = [card.rootEd, ...card.keys.map((key) => key.ed), ...card.officers.map((each) => each.ed)];
  const lists = [
    ["key-twice", keys.map(toHex), 3],
    ["number-twice", card.keys.map((key) => key.number), 5],
    ["prekey-twice", card.prekeys.map((key) => key.id), 8],
    ["officer-twice", card.officers.map((each) => each.id), 10],
  ];
  for (const [key, list] of lists) {
    if (new Set(list).size !== list.length) throw reader.refuse(path, key, {}, 0);
  }
}

/**
 * The signatures of both roots, and those of the prekeys.
 * @param {Card} card @param {Reader} reader for the place
 */
export async function checkCardSignatures(card, reader) {
  const about = { code: card.code, number: card.number };
  const message = joinBytes(utf8("parley1 card\0"), card.body);
  if (!(await verifyEd25519(card.rootEd, card.signature, message))) {
    throw reader.refuse(`${card.path}/2`, "card-signature", about, signatureAt(card, reader));
  }
  if (!verifyMlDsa65(card.rootPq, card.signaturePq, message, "parley1 card")) {
    throw reader.refuse(`${card.path}/3`, "card-signature-pq", about, signatureAt(card, reader) + ED_MEMBER_BYTES);
  }
  if (card.prekeys.length === 0) return;
  const able = card.keys.filter((key) => key.revoked === null).sort((a, b) => a.number - b.number);
  if (able.length === 0) {
    throw reader.refuse(`${card.path}/1/8`, "prekey-signature", about, card.offset - reader.origin);
  }
  for (const { id, expires, key, sig } of card.prekeys) {
    const signed = joinBytes(
      utf8("parley1 prekey\0"),
      Uint8Array.of(0x83),
      encodeUint(id),
      encodeUint(expires),
      Uint8Array.of(0x59, key.length >> 8, key.length & 255),
      key,
    );
    if (!(await verifyEd25519(able[0].ed, sig, signed))) {
      throw reader.refuse(`${card.path}/1/8`, "prekey-signature", about, card.offset - reader.origin);
    }
  }
}

/** Where the root's Ed25519 signature stands in what `reader` reads. */
function signatureAt(card, reader) {
  return card.signature.byteOffset - reader.bytes.byteOffset - 2;
}

/** @param {Card} one @param {Card} other @returns {number} their order in a bundle */
export function compareCards(one, other) {
  return one.pid < other.pid ? -1 : one.pid > other.pid ? 1 : one.number - other.number;
}

/** @param {Card} one @param {Card} other */
export function sameRoots(one, other) {
  return sameBytes(one.rootEd, other.rootEd) && sameBytes(one.rootPq, other.rootPq);
}

/** The newest card that carries a key of this number. @param {Card[]} cards @param {number} number */
export function keyOfNumber(cards, number) {
  let found = null;
  for (const card of cards) {
    const key = card.keys.find((each) => each.number === number);
    if (key && (found === null || card.number > found.card.number)) found = { key, card };
  }
  return found;
}

/** @param {Uint8Array} raw a card by itself, as bytes @returns {Card} */
export function readLoneCard(raw) {
  checkEncoding(raw, DEPTH_BODY, PAGE_VALUES);
  return readCard(new Reader(raw), "card");
}

/** @param {Card} one @param {Card} other the order of bodies, for cards of one number */
export function sameBody(one, other) {
  return compareBytes(one.body, other.body) === 0;
}
