// The numbers above the verdicts: what was there to check, and what of it held.

import { said } from "./refusal.js";
import { withheldFields } from "./delivery.js";
import { spokenOf } from "./bundle.js";

const CARD_SIGNATURES = 2;

/** @param {import("./bundle.js").Bundle} bundle */
export function summarise(bundle) {
  const leaves = bundle.parts.flatMap((part) => [...part.leaves.values()].map((leaf) => ({ part, leaf })));
  const entries = new Set(leaves.map(({ part, leaf }) => `${part.origin} ${leaf.index}`));
  const origins = [...bundle.notes.map((note) => note.origin), ...bundle.parts.map((part) => part.origin)];
  const logs = new Set(origins);
  const withheld = new Map();
  for (const { part, leaf } of leaves) {
    const fields = withheldFields(leaf);
    const name = `${part.origin} ${leaf.index}`;
    const known = withheld.get(name);
    withheld.set(name, known ? known.filter((field) => fields.includes(field)) : fields);
  }
  const closed = [...withheld.values()].filter((fields) => fields.length > 0);
  const receipts = bundle.notes.flatMap((note) =>
    [...note.holds].map(([pid, held]) => ({ log: { channel: note.channel, pid, inc: held.inc }, held })),
  );
  const agreeing = receipts.filter(({ log, held }) =>
    bundle.parts.some((part) => spokenOf({ ...log, holds: new Map() }, part.log) && part.gives(held)),
  );
  return {
    entries: entries.size,
    logs: logs.size,
    statements: bundle.notes.length,
    signatures: countSignatures(bundle),
    logs_consistent: [...logs].filter((origin) => !bundle.histories.has(origin)).length,
    receipts: receipts.length,
    receipts_shown: agreeing.length,
    witnesses: witnessRows(bundle),
    withheld_fields: closed.reduce((sum, fields) => sum + fields.length, 0),
    withheld_entries: closed.length,
  };
}

/** By party: signatures of cards and statements, and how many were checked and hold. */
function countSignatures(bundle) {
  const out = {};
  const add = (pid, valid, total) => {
    const name = bundle.nameOf(pid);
    out[name] ??= { valid: 0, total: 0 };
    out[name].valid += valid;
    out[name].total += total;
  };
  for (const card of bundle.cards) {
    add(card.pid, CARD_SIGNATURES, CARD_SIGNATURES);
  }
  for (const note of bundle.notes) {
    const own = note.lines.filter((line) => line.name.startsWith(`parley1/${note.pid}/k`));
    add(note.pid, note.signed.length, own.length);
  }
  return out;
}

/** One sentence for each witness. */
function witnessRows(bundle) {
  const rows = new Map();
  for (const note of bundle.notes) {
    for (const line of note.lines) {
      if (line.name.startsWith(`parley1/${note.pid}/k`)) continue;
      const row = rows.get(line.name) ?? { notes: [], checked: false, trusted: true };
      const found = note.cosignatures.find((each) => each.name === line.name && each.time > 0n);
      row.notes.push(note.index);
      row.checked ||= found !== undefined;
      row.trusted &&= found?.trusted === true;
      rows.set(line.name, row);
    }
  }
  return [...rows].map(([name, row]) =>
    said("witness-row", { ...row, name: bundle.witnessName(name), total: bundle.notes.length }),
  );
}
