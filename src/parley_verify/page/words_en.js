// Every sentence of a report in English. The words are those of parley-verify.

const believed = (trusted) => (trusted ? "" : " as far as that witness may be believed");
const why = ({ untrusted, broken }) => {
  if (untrusted) return " (its fingerprint is not on your trust list)";
  if (!broken) return "";
  return ` (${broken.kind}: notes ${broken.note} and ${broken.other}; its notes no longer speak for it)`;
};
const list = (numbers) => numbers.slice(0, 20).join(", ") + (numbers.length > 20 ? " ..." : "");
const file = (each) => `file ${each.place} of entry ${each.entry}, ${each.size} bytes`;
const party = (each) => `note ${each.note}`;

/** @type {Record<string, (each: any, say: { when: (time: any) => string, long: (seconds: any) => string }) => string>} */
export const ENGLISH = {
  // Why a file is refused.
  "ends-early": () => "the input ends inside a value",
  indefinite: () => "a length without end, or a break",
  "reserved-head": () => "a head that is reserved",
  "float-or-simple": () => "a float, undefined or another simple value",
  "long-head": () => "a head longer than its number needs",
  "not-utf8": () => "a text that is not UTF-8",
  "map-key": () => "a key of a map is no unsigned integer",
  "map-order": () => "keys of a map are doubled or out of order",
  "bytes-behind": ({ count }) => `${count} bytes follow the value`,
  "below-range": () => "an integer below -2^63",
  "too-long": () => "a length goes beyond the end of the input",
  "too-deep": ({ deepest }) => `more than ${deepest} levels of arrays and maps`,
  tag: () => "a tag",
  form: ({ wanted, found }) => `expected ${wanted}, found ${found}`,
  above: ({ most }) => `a number above ${most}`,
  "wrong-size": ({ size, length }) => `expected ${size} bytes, found ${length}`,
  members: ({ size, members }) => `expected ${size} members, found ${members}`,
  count: ({ least, most }) => `the list must have ${least} to ${most} members`,
  order: () => "not in the one order, or something stands twice",
  "stands-twice": () => "it stands twice",
  "unknown-key": ({ key }) => `unknown key ${key}`,
  "missing-key": ({ key }) => `key ${key} is missing`,
  "no-bundle": () => "this is no Parley bundle",
  "no-card": () => "this is no Parley card",
  "no-charter": () => "this is no Parley charter",
  "card-too-long": () => "a card above 32,768 bytes",
  "card-code": () => "the code has other letters than A-Z 0-9 -, or is empty or longer than 16",
  "card-name": () => "the name is empty or longer than 120 characters",
  "bad-key": () => "an Ed25519 key that is not acceptable",
  hint: () => "a path hint is empty or longer than 200 bytes",
  "key-twice": () => "an Ed25519 key stands twice on the card",
  "number-twice": () => "a key number stands twice on the card",
  "prekey-twice": () => "a prekey id stands twice on the card",
  "officer-twice": () => "an officer id stands twice on the card",
  "card-signature": ({ code, number }) =>
    `card ${code} no ${number}: the root's Ed25519 signature does not verify (body, root key or signature was changed)`,
  "card-signature-pq": ({ code, number }) => `card ${code} no ${number}: the root's ML-DSA-65 signature does not verify`,
  "prekey-signature": ({ code, number }) => `card ${code} no ${number}: the signature of a prekey does not verify`,
  "party-twice": () => "a party stands twice in the charter",
  "text-too-long": ({ most }) => `a text longer than ${most} bytes`,
  heartbeat: () => "a heartbeat of 0",
  "charter-code": () => "the channel's code has other letters than A-Z a-z 0-9 -, or is empty or longer than 24",
  "witness-key": () => "a witness key of another form, name, type or id, or one that is not acceptable",
  "no-empty-line": () => "a note without an empty line between text and signatures, or not UTF-8",
  "no-lines": () => "a note without signature lines",
  "too-many-lines": () => "a note with more than 16 signature lines",
  "bad-statement": () => "the text of a note is not spelled as a statement",
  "short-statement": () => "a note of fewer than five lines is no statement",
  "bad-holding": () => "a line of a statement about another log is not spelled in the one way",
  "bad-line": () => "a signature line is not spelled in the one way",
  "line-twice": () => "two signature lines of one key",
  "line-of-other": (each) => `${party(each)}: a station key of another party signs this note`,
  "no-station-line": (each) => `${party(each)}: no signature line by a station key of its author`,
  "note-signature": ({ note, name, no, number }) =>
    `note ${note} (${name}, no ${no}): the Ed25519 signature by key ${number} does not verify (text or signature was changed)`,
  "seal-wrong": ({ note, name, no }) => `note ${note} (${name}, no ${no}): the seal does not verify`,
  "other-key-id": (each) => `${party(each)}: the key id of a signature line is not that of the key it names`,
  "cosignature-wrong": ({ note, name }) => `note ${note}: cosignature by ${name} does not verify`,
  "signer-without-card": (each) => `${party(each)}: no card of its signer is shown`,
  "log-of-no-charter": () => "a log of a channel whose charter is not shown",
  "log-of-stranger": () => "a log of a stranger to the channel",
  "holding-unfit": (each) => `${party(each)}: it holds logs of strangers, or not in charter order`,
  "charter-of-no-note": ({ code, channel, named }) =>
    `no note belongs to charter ${code}: its bytes give the channel id ${channel}, the notes name ${named}`,
  "card-of-nobody": ({ code }) => `card ${code} is of no party of a charter shown`,
  "two-roots": () => "two roots share one party id: ALARM",
  "key-in-two-places": () => "one key serves in two places, or one number serves for two keys",
  "bad-origin": () => "not the name of a log",
  "empty-part": () => "a log part over no entry",
  "leaf-order": () => "leaves are doubled or out of order",
  "node-order": () => "nodes are doubled or out of order",
  "node-outside": () => "a node beyond the size of the log part",
  "not-covered": ({ at }) => `leaves and nodes leave a gap or overlap at entry ${at}`,
  "hide-opened": ({ index }) => `entry ${index}: field 0 must never be opened`,
  "opens-nothing": ({ index, field }) => `entry ${index}: field ${field} is opened and was never committed to`,
  "field-unfit": ({ index, field }) => `entry ${index}: field ${field} does not fit its commitment`,
  "root-unsigned": ({ part, name, size, fits }) =>
    `log part ${part} (${name}): its ${size} entries give a root that nobody signed; entries below ${fits} fit, the fault lies in entries ${fits} to ${size - 1}`,
  "opening-charter": () => "the opening entry names another charter",
  "opening-incarnation": () => "the opening entry names another incarnation",
  "no-such-note": () => "there is no note of that number",
  "no-such-party": () => "the channel has no such party",
  "claim-of-two-channels": () => "a claim speaks of one channel",
  "claim-of-which-channel": () => "a claim that names no note needs a bundle of one charter",
  "claim-parties": () => "such a claim cannot be about these parties",
  "claim-of-opening": () => "an opening entry is no subject of a claim",
  "claim-size": () => "the index of such a claim is the smaller of the two sizes",
  "log-not-spoken-of": () => "nothing in the bundle speaks of this log",
  "note-serves-nothing": (each) => `${party(each)} serves no claim and no log part`,

  // What was not checked.
  "beyond-limit": ({ what, most }) =>
    `the whole file: more than ${most} ${what}, which is beyond what this verifier takes on`,
  "station-line-unknown": ({ note, number }) =>
    `note ${note}: a line by station key ${number}, which no card shown has`,
  "witness-line-unknown": ({ note, name }) =>
    `note ${note}: cosignature by ${name} not checked: no key of that name is known`,
  "cosignature-pq": ({ note, name }) =>
    `note ${note}: cosignature by ${name} not checked: ML-DSA-44 covers size and root alone and proves no time here`,
  "time-token": ({ type, note }) => `time token of type ${type} for note ${note}: no part of any verdict`,
  "token-type": ({ entry }) => `time token in ${entry}: type not checked`,
  "witness-not-given": ({ name }) =>
    `witness ${name}: the key is in the charter, but neither its card nor its key was given, so what it saw was NOT checked`,
  "officer-withheld": ({ entry }) => `officer signature of ${entry}: it covers fields that are withheld`,

  // What was noticed.
  "noticed-history": ({ a, kind, note, other }) => `log of ${a}: ${kind}: notes ${note} and ${other}`,
  "noticed-witness-twice": ({ name, a, note, other }) =>
    `witness ${name} signed two histories of the log of ${a}: notes ${note} and ${other}`,
  "noticed-number-twice": ({ a, note, other }) => `notes ${note} and ${other} of ${a} bear one number`,
  "noticed-time-down": ({ a, note, other }) => `notes ${note} and ${other} of ${a}: the time goes back`,
  "noticed-holds-less": ({ a, b, note, other }) => `notes ${note} and ${other} of ${a}: less is held of ${b}`,
  "cosignature-zero": ({ note, name }) => `note ${note}: cosignature by ${name} has time 0 and bounds nothing`,
  "noticed-revoked": ({ note, number, a, standing }) =>
    `note ${note}: key ${number} of ${a} was revoked; this note is ${standing}`,
  "newer-card": ({ code, own, shown }) =>
    `your own card of ${code} (no ${own}) is newer than the one shown (no ${shown}) and was used`,
  "entry-kind": ({ entry }) => `entry ${entry}: a kind above 65535`,
  "entry-flags": ({ entry }) => `entry ${entry}: reserved flag bits are set`,
  "entry-class": ({ entry }) => `entry ${entry}: the evidence class of the flags is not that of the leaf`,
  "entry-off-among-many": ({ entry }) => `entry ${entry}: non-attributable on a channel of more than two parties`,
  "entry-opening": ({ entry }) => `entry ${entry}: kind 0 stands at index 0 and nowhere else`,
  "entry-seen": ({ entry }) => `entry ${entry}: \`seen\` does not name every other party once`,
  "entry-fields": ({ entry }) => `entry ${entry}: more than 64 fields`,
  "entry-field-number": ({ entry }) => `entry ${entry}: a field number above 65535`,
  "entry-depth": ({ entry }) => `entry ${entry}: nested deeper than an entry may be`,
  "entry-time": ({ entry }) => `entry ${entry}: its time lies before 2020 or after 2100`,
  "officer-unknown": ({ entry }) => `officer signature of ${entry}: no card shown has that officer`,
  "officer-wrong": ({ entry }) => `officer signature of ${entry} does not verify`,
  "file-whole": (each) => `${file(each)}: whole, its digest agrees`,
  "file-damaged": (each) => `${file(each)}: damaged: its parts give another digest`,
  "file-part": (each) =>
    `${file(each)}: ${each.here} of ${each.count} parts are shown; what is not shown cannot be guessed`,
  "sealed-other": ({ entry, other }) => `entry ${entry} opens other than entry ${other} sealed`,

  // Claims.
  "claim-record": ({ a, index }) => `the record of ${a} from entry ${index} on`,
  "claim-delivered": ({ a, b, index }) => `entry ${a}/${index} was delivered to ${b}`,
  "claim-lapsed": ({ a, b, index }) => `entry ${a}/${index} was delivered to ${b} and never answered in time`,
  "claim-dark": ({ a, b, index }) => `${b} went dark after entry ${a}/${index}`,
  "claim-fork": ({ a }) => `the log of ${a} has two histories`,
  "claim-rollback": ({ a }) => `the log of ${a} went back`,
  "claim-extract": ({ a, index }) => `entry ${a}/${index} stands in the log of ${a}`,
  "claim-answered": ({ a, b, index }) => `entry ${a}/${index} was answered by ${b}`,
  "card-of": ({ code }) => `card of ${code}`,

  // Words of verdicts.
  delivered: () => "delivered",
  "delivered-off-record": () => "delivered, off the record",
  "delivered-no-clock": () => "delivered; no clock",
  "delivered-not-over": () => "delivered; not shown that the time is over",
  "delivered-nothing-after": () => "delivered; nothing shown of the time after",
  "delivered-rest-hidden": () => "delivered; the rest of the log is not shown",
  "delivered-dark-unseen": () => "delivered, nothing shown after",
  admitted: ({ b }) => `admitted by ${b}`,
  contradiction: () => "contradiction",
  "not-shown": () => "not shown",
  "not-checked": () => "not checked",
  answered: () => "answered",
  "answered-cannot": () => "answered: cannot process",
  "answered-admitted": ({ b }) => `answered; the question is only admitted by ${b}`,
  "no-answer": () => "no answer shown",
  "in-the-log": () => "in the log",
  "passed-off-record": () => "off-record entry passed",
  "against-signer-only": ({ a }) => `counts against ${a} only`,
  record: () => "record, whole",
  "record-in-part": () => "record, in part",
  "another-record": () => "another record",
  fork: ({ a }) => `two histories signed with ${a}'s key`,
  "fork-between": () => "fork",
  rollback: ({ a }) => `rollback: ${a} signed a shorter log later`,
  "fork-refuted": () => "no fork",
  "rollback-refuted": () => "no rollback",
  hearsay: () => "hearsay",
  lapsed: ({ classes }) => `lapsed (proved), time class ${classes}`,
  "lapsed-charter-by-id": () => "lapsed, charter bound by its 16-byte id alone",
  silent: () => "silent",
  "not-produced": ({ count }) => `with ${count} entries signed but not produced`,
  "across-restart": ({ b }) => `across a restart of ${b}'s log`,
  "unless-withdrawn": () => "unless withdrawn",
  "subject-to-revocation": () => "subject to revocation",
  "as-witness-believed": () => "as far as that witness may be believed",
  closes: ({ entry }) => `${entry} closes the channel`,
  withdraws: ({ entry, a }) => `${entry} by ${a} itself takes the matter up again or withdraws it`,
  dark: () => "delivered, then dark (as far as seen)",
  "if-fingerprints-theirs": () => "if the fingerprints are theirs",
  "card-vouched": () => "card of a party you vouch for",
  "card-unknown": () => "card, its fingerprint not compared",

  // Steps.
  "no-part-shows": ({ entry }) => `entry ${entry} itself: no log part shows it`,
  wrote: ({ a, entry, note, size }) => `${a} wrote entry ${entry}: note ${note} signs ${size} entries and this is one of them`,
  "entry-not-in-parts": ({ entry }) => `entry ${entry}: no log part shows it`,
  "no-author-note": (each) =>
    `that ${each.a} wrote entry ${each.entry}: no note of ${each.a} that counts covers it${why(each)}`,
  "no-signer": (each) => `that ${each.a} signed entry ${each.entry}${why(each)}`,
  "other-root": ({ a, b, note }) =>
    `delivery: in note ${note} ${b} holds another root of ${a}'s log than the one shown. Either ${a} has two histories or ${b} lies; the bundle does not decide which`,
  "no-receipt": (each) =>
    `delivery: no statement of ${each.b} that counts holds entry ${each.entry} under a root that the log part gives${why(each)}`,
  "receipt-not-named": () => "none of the notes that the claim names is a receipt",
  held: ({ b, note, no, time }, { when }) =>
    `${b} held it: note ${note} (no ${no}), by ${b}'s own clock at ${when(time)}`,
  "not-later": ({ time, trusted }, { when }) => `not later than ${when(time)} by a witness${believed(trusted)}`,
  "off-record-body": () => "what the entry says: it is non-attributable, its leaf binds no body",
  "charter-by-id-step": ({ b }) =>
    `that ${b} opened its log on this very charter: fields 16 and 17 of its entry 0 are not opened`,
  "subject-to-revocation-step": ({ b, note }) => `note ${note} is subject to revocation of ${b}'s key`,
  "history-subject": () => "one of the notes is subject to revocation of its key",
  answers: ({ b, answer, kind, cannot, note, time }, { when }) =>
    `entry ${b}/${answer} (kind ${kind}) ${cannot ? "says that it cannot be processed" : "answers it"}; ${b} signed it in note ${note} at ${when(time)}`,
  "no-answer-shown": ({ b }) => `an entry of ${b} that answers it`,
  "answer-not-covered": ({ b, answer }) =>
    `that ${b}/${answer} counts for ${b}: a statement of ${b} over it that is consistent with the receipt and holds this very entry`,
  "signed-entry": ({ a, entry, note, time }, { when }) => `${a} signed entry ${entry} in note ${note} at ${when(time)}`,
  "fields-as-written": ({ fields }) => `its fields ${list(fields)} are as the author wrote them`,
  "begins-elsewhere": ({ entry }) => `the entries shown begin before ${entry}`,
  "record-entry-hidden": ({ entry }) => `entry ${entry}: shown only as a hash`,
  "record-range": ({ a, index, last }) => `entries ${index} to ${last} of ${a}, less what is listed`,
  "record-fields-withheld": ({ count }) => `${count} fields are withheld`,
  "record-own-signature": ({ a, size }) => `${a}'s own signature over all ${size} entries`,
  "history-note": ({ a, note, number, time, no, size, root }, { when }) =>
    `note ${note}, signed with ${a}'s key ${number} at ${when(time)} (no ${no}): ${size} entries, root ${root}...`,
  "two-notes-needed": ({ a }) => `two statements of ${a} over this log that count`,
  "no-part-shows-both": () => "a log part that gives the larger root and another root at the smaller size",
  "one-history": () => "the statements named are one history",
  "no-shorter-later": () => "among the statements named no shorter log bears a later time or a higher number",
  asked: ({ period, instant }, { when, long }) =>
    instant === undefined
      ? `an answer was asked for within ${long(period)} of delivery`
      : `an answer was asked for by ${when(instant)}`,
  "no-clock": () => "the entry starts no clock: field 5 is absent, of another form, or less than 60 seconds",
  "due-withheld": () => "by when an answer was asked for: field 5 is withheld",
  "answer-shown": ({ b, answer }) => `entry ${b}/${answer} answers it`,
  "answer-cannot": ({ b, answer }) => `entry ${b}/${answer} says that it cannot be processed`,
  "own-commitment": () => "a lapse of a party's own commitment is not judged by this verifier",
  "no-later-note": ({ b }) => `a later statement of ${b}, named by the claim, besides the first receipt`,
  "signed-again": ({ b, note, no, time, size }, { when }) =>
    `${b} signed again: note ${note} (no ${no}) at ${when(time)}, over ${size} own entries`,
  "two-histories-between": ({ b, first, later }) => `${b} has two histories: notes ${first} and ${later} differ`,
  "no-part-between": ({ b, first, later }) => `that notes ${first} and ${later} of ${b} are one history`,
  "no-part-later": ({ b, later }) => `${b}'s log up to note ${later}: no log part gives its root`,
  "instant-too-early": () => "a clock: the instant was not later than delivery",
  "t1-not-over": ({ b, time }, { when }) => `T1: ${b}'s own clock had not reached ${when(time)}`,
  t1: ({ b, time }, { when }) => `T1: by ${b}'s own clock the time was over at ${when(time)}`,
  "charter-ended": ({ time }, { when }) => `a clock: ${when(time)} is not before the channel's end`,
  t2: ({ b, time, token, trusted }, { when }) =>
    `T2: by a witness's clock the time was over at ${when(time)}, and ${b} held a token of ${when(token)}${trusted ? "" : " (witness not on your trust list)"}`,
  t3: ({ note, time }, { when }) => `T3: note ${note} existed before ${when(time)} by a witness`,
  "none-answers": ({ b, from, last }) => `all entries of ${b} from ${from} to ${last} are shown and none answers`,
  "wrote-nothing": ({ b }) => `${b} had written nothing after it could have seen it`,
  "entry-not-produced": ({ b, entry }) => `entry ${entry}: signed by ${b}, not produced`,
  "field-would-tell": ({ entry }) => `that ${entry} is no answer: the field that would tell is not shown`,
  "none-withdraws": ({ a, from, last }) => `all entries of ${a} from ${from} to ${last} are shown and none withdraws it`,
  "wrote-nothing-after": ({ a }) => `${a} had written nothing after it that the other side held`,
  "withdrawal-hidden": ({ entry }) => `that ${entry} does not withdraw it: shown only as a hash`,
  "withdrawal-unknown": ({ entry }) => `that ${entry} does not withdraw it: the field that would tell is withheld`,
  "held-root-not-given": ({ a, other }) =>
    `that ${a} did not withdraw: its log is ${other ? "held under another root" : "not shown so far"}`,
  "held-another-log": ({ a }) => `that ${a} did not withdraw: the later statement holds another log of it`,
  "other-incarnation": ({ b }) => `what ${b}'s log held in its other incarnation, up to its end`,
  "no-dark-witness": ({ b, time }, { when }) =>
    `a witness's cosignature at or after ${when(time)} over ${b}'s newest statement`,
  "dark-witness": ({ b, witness, time }, { when }) => `nothing larger of ${b} was seen by ${witness} up to ${when(time)}`,
  "dark-never-proved": ({ b }) => `that ${b} signed nothing: dark is never proved, only seen so far`,
  "whose-keys": () =>
    "whose keys these are: you gave no fingerprint. Compare those listed with their owners and run again with --trust",
  "roots-signed": ({ fingerprint }) => `both roots signed it: ${fingerprint}`,
  "card-not-compared": () => "that this fingerprint is the party's: compare it by voice or on paper",

  // Remarks.
  "clock-binds-no-one": ({ b }) => `a party's clock binds no one else: no witness bounds ${b}'s time`,
  "outside-window": ({ note, a }) => `note ${note} lies outside its key's window; counts against ${a}`,
  "history-of-other": ({ b, kind, note, other }) =>
    `${b}'s log shows ${kind}: notes ${note} and ${other}; its notes count against it, none for it`,
  "fields-withheld": ({ fields }) => `fields ${list(fields)} exist and are withheld`,
  "record-off-record": ({ count }) => `${count} non-attributable entries: that they passed, not what they said`,
  "about-a-key": () => "evidence about a key, not about an intent",
  acknowledges: ({ entry, rung }) => `${entry} acknowledges it (rung ${rung ?? "of no known form"}); no answer`,
  "off-record-in-range": ({ count }) => `${count} non-attributable entries in the range; such never answer`,
  "asked-for": () => "the answer was asked for: the charter shown does not make it owed",
  owed: ({ period }, { long }) => `the answer was owed: the charter gives ${long(period)} for this kind`,
  "this-channel": () => "it speaks of this channel alone: not of other channels, of a successor, or of other ways",
  "dark-clock": ({ b }) => `the time is counted from ${b}'s own clock to the witness's`,
  "witness-row": ({ name, notes, total, checked, trusted }) => {
    const all = total > 1 ? `all ${total} statements` : "the statement";
    const some = `${notes.length} of ${total} statements (note ${list(notes.slice(0, 8))}${notes.length > 8 ? " ..." : ""})`;
    const end = !checked
      ? "its signatures were NOT checked"
      : trusted
        ? "checked, and on your trust list"
        : "card not given, so this was NOT checked";
    return `${name} signed ${notes.length === total ? all : some}${checked ? "; " : "; "}${end}`;
  },
};
