// What the reader brings along: cards and fingerprints of parties, keys of witnesses.

import { fromBase64, fromUtf8, toHex } from "./bytes.js";
import { checkCardSignatures, readLoneCard } from "./card.js";
import { Reader } from "./cbor.js";
import { keyId, readVerifierKey, TYPE_COSIGNATURE } from "./witness.js";

const CARD_BEGIN = "-----BEGIN PARLEY CARD-----";
const CARD_END = "-----END PARLEY CARD-----";
const FINGERPRINT = /^[0-9a-f]{64}$/;

/**
 * @typedef {{ fingerprints: Set<string>, keys: import("./witness.js").WitnessKey[],
 *   cards: import("./card.js").Card[] }} Trust
 */

/** @returns {Trust} of a reader who brings nothing */
export function noTrust() {
  return { fingerprints: new Set(), keys: [], cards: [] };
}

/** @param {Uint8Array} raw a file @returns {Uint8Array | null} the bytes of a card in it, or null */
export function cardBytes(raw) {
  if (raw[0] === 0x84) return raw;
  const text = raw.length < 65536 ? fromUtf8(raw) : null;
  const rows = (text ?? "").trim().split(/\r?\n/);
  if (rows[0] !== CARD_BEGIN || rows[rows.length - 1] !== CARD_END) return null;
  const packed = rows.slice(1, -1);
  return packed.some((row) => row.length > 64) ? null : fromBase64(packed.join(""));
}

/**
 * @param {Uint8Array} raw a card as bytes
 * @returns {Promise<import("./card.js").Card>} with its signatures checked
 */
export async function readTrustedCard(raw) {
  const card = readLoneCard(raw);
  await checkCardSignatures(card, new Reader(raw));
  return card;
}

/**
 * @param {Trust} trust is added to
 * @param {string} text a fingerprint or a witness's key @returns {boolean} whether it is one
 */
export function trustText(trust, text) {
  const word = text.trim();
  const key = readVerifierKey(word);
  if (FINGERPRINT.test(word.toLowerCase())) trust.fingerprints.add(word.toLowerCase());
  else if (key !== null) trust.keys.push(key);
  else return false;
  return true;
}

/** @param {Trust} trust is added to @param {import("./card.js").Card} card */
export function trustCard(trust, card) {
  trust.fingerprints.add(card.fingerprint);
  trust.cards.push(card);
}

/**
 * The witnesses known for a channel. One that only the charter names is known, and not trusted.
 * @param {Trust} trust @param {import("./charter.js").Charter} charter
 */
export function knownWitnesses(trust, charter) {
  const own = trust.keys.map((key) => ({ ...key, trusted: true, card: false }));
  for (const card of trust.cards) {
    const name = `${card.code}/${card.pid}`;
    for (const { ed, revoked } of card.keys) {
      if (revoked !== null) continue;
      const id = keyId(name, TYPE_COSIGNATURE, ed);
      own.push({ name, type: TYPE_COSIGNATURE, key: ed, id, trusted: true, card: true });
    }
  }
  // A reader who trusts a card trusts the key on it, by whatever name the charter calls it.
  const carded = new Set(own.filter(({ card }) => card).map(({ key }) => toHex(key)));
  const met = new Set(own.map((each) => `${each.name} ${toHex(each.key)}`));
  const others = charter.witnesses.filter((each) => !met.has(`${each.name} ${toHex(each.key)}`));
  return [...own, ...others.map((each) => ({ ...each, trusted: carded.has(toHex(each.key)) }))];
}
