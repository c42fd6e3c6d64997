// Signed entries that break a rule are evidence all the same: the breach is told (spec/limits.md).

import { joinBytes, utf8 } from "./bytes.js";
import { checkEncoding, encodeUint } from "./cbor.js";
import { verifyEd25519 } from "./ed25519.js";
import { DEPTH_BODY } from "./limits.js";
import { fieldOf, WITHHELD } from "./part.js";
import { said } from "./refusal.js";

const FIRST_YEAR = 1577836800;
const LAST_YEAR = 4102444800;
const MOST_FIELDS = 64;
const MOST_KIND = 65535;
const KNOWN_FLAGS = 31n;
const LISTED = 50;
const FIELD_OFFICER = 15;

/**
 * @param {import("./bundle.js").Bundle} bundle @param {import("./verify.js").Report} report is added to
 */
export async function noticeEntries(bundle, report) {
  for (const part of bundle.parts) {
    const charter = bundle.charters.get(part.log.channel);
    const name = bundle.nameOf(part.log.pid);
    for (const leaf of part.leaves.values()) {
      const entry = `${name}/${leaf.index}`;
      for (const key of breachesOf(leaf, charter)) {
        const isTold = report.noticed.some((told) => told.key === key && told.args.entry === entry);
        if (!isTold && report.noticed.length < LISTED) report.noticed.push(said(key, { entry }));
      }
      if (leaf.commitments?.has(FIELD_OFFICER)) await noticeOfficer(bundle, report, part, leaf, entry);
    }
  }
}

/** @returns {string[]} the rules that a signed entry breaks */
function breachesOf(leaf, charter) {
  const out = [];
  const others = charter.parties.length - 1;
  const flags = BigInt(leaf.flags);
  const off = (flags >> 4n) % 2n === 1n;
  if (leaf.kind > MOST_KIND) out.push("entry-kind");
  if (flags > KNOWN_FLAGS) out.push("entry-flags");
  if (off !== (leaf.commitments === null)) out.push("entry-class");
  if (off && others > 1) out.push("entry-off-among-many");
  if ((leaf.kind === 0) !== (leaf.index === 0)) out.push("entry-opening");
  if (Array.isArray(leaf.seen) ? others === 1 || leaf.seen.length !== others : others > 1) out.push("entry-seen");
  if ((leaf.commitments?.size ?? 0) > MOST_FIELDS) out.push("entry-fields");
  if (leaf.commitments && [...leaf.commitments.keys()].some((field) => field > MOST_KIND)) {
    out.push("entry-field-number");
  }
  if ([...leaf.opened.values()].some(tooDeep)) out.push("entry-depth");
  if (leaf.time < FIRST_YEAR || leaf.time >= LAST_YEAR) out.push("entry-time");
  return out;
}

/** A field lies two levels inside its entry. */
function tooDeep(raw) {
  try {
    checkEncoding(raw, DEPTH_BODY - 2, raw.length);
    return false;
  } catch {
    return true;
  }
}

/** An officer's signature covers every field but its own: it can be checked where all are opened. */
async function noticeOfficer(bundle, report, part, leaf, entry) {
  const value = fieldOf(leaf, FIELD_OFFICER);
  const others = [...leaf.commitments.keys()].filter((field) => field !== FIELD_OFFICER);
  if (value === WITHHELD) return;
  if (others.some((field) => !leaf.opened.has(field))) {
    report.notChecked.push(said("officer-withheld", { entry }));
    return;
  }
  const [id, signature] = Array.isArray(value) && value.length === 2 ? value : [null, null];
  const officers = (bundle.parties.get(part.log.pid) ?? []).flatMap((card) => card.officers);
  const officer = officers.find((each) => each.id === id);
  if (!officer) {
    report.noticed.push(said("officer-unknown", { entry }));
    return;
  }
  const log = part.origin.split("/");
  const message = joinBytes(
    utf8("parley1 officer\0"),
    hexBytes(log[1]),
    hexBytes(log[3]),
    u64(leaf.index),
    entryWithout(leaf, others),
  );
  const fits = signature instanceof Uint8Array && (await verifyEd25519(officer.ed, signature, message));
  if (!fits) report.noticed.push(said("officer-wrong", { entry }));
}

const hexBytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

function u64(value) {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(value));
  return new Uint8Array(view.buffer);
}

/** The entry's bytes with some of its fields. */
function entryWithout(leaf, fields) {
  const seen = Array.isArray(leaf.seen) ? leaf.seen : [leaf.seen];
  const head = (major, count) => {
    const bytes = encodeUint(count);
    bytes[0] |= major << 5;
    return bytes;
  };
  return joinBytes(
    Uint8Array.of(0x85),
    encodeUint(leaf.kind),
    encodeUint(leaf.time),
    encodeUint(leaf.flags),
    ...(Array.isArray(leaf.seen) ? [head(4, seen.length)] : []),
    ...seen.map(encodeUint),
    head(5, fields.length),
    ...fields.flatMap((field) => [encodeUint(field), leaf.opened.get(field)]),
  );
}
