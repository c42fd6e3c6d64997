// The one encoding of a value (spec/encoding.md): first every byte is judged, then values are read.

import { fromUtf8 } from "./bytes.js";
import { LARGEST } from "./limits.js";
import { Refusal, TooMuch } from "./refusal.js";

const LARGEST_NEGATIVE_HEAD = 2n ** 63n - 1n;
const MAJOR_NAMES = ["uint", "nint", "bytes", "text", "array", "map", "tag", "simple"];

/**
 * @typedef {{ major: number, value: number | bigint, next: number }} Head
 */

/**
 * The head of the value at `at`, in its shortest form.
 * @param {Uint8Array} bytes @param {number} at @returns {Head}
 */
function readHead(bytes, at) {
  if (at >= bytes.length) throw new Refusal("ends-early", {}, at);
  const major = bytes[at] >> 5;
  const info = bytes[at] & 31;
  if (info < 24) return { major, value: info, next: at + 1 };
  if (info === 31) throw new Refusal("indefinite", {}, at);
  if (info > 27) throw new Refusal("reserved-head", {}, at);
  if (major === 7) throw new Refusal("float-or-simple", {}, at);
  const width = 1 << (info - 24);
  const next = at + 1 + width;
  if (next > bytes.length) throw new Refusal("ends-early", {}, at);
  let value = 0;
  if (width <= 4) {
    for (let place = at + 1; place < next; place += 1) value = value * 256 + bytes[place];
  } else {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const wide = view.getBigUint64(at + 1);
    value = wide <= BigInt(LARGEST) ? Number(wide) : wide;
  }
  if (value < [24, 256, 65536, 4294967296][info - 24]) throw new Refusal("long-head", {}, at);
  return { major, value, next };
}

/** Refuses text that is not UTF-8. */
function checkText(bytes, from, end, at) {
  for (let place = from; place < end; place += 1) {
    if (bytes[place] < 0x80) continue;
    if (fromUtf8(bytes.subarray(from, end)) === null) throw new Refusal("not-utf8", {}, at);
    return;
  }
}

/**
 * Judges one whole input; afterwards reading it can only meet values of the encoding.
 * @param {Uint8Array} bytes @param {number} deepest levels of arrays and maps @param {number} most values
 */
export function checkEncoding(bytes, deepest, most) {
  const open = [];
  let at = 0;
  let count = 0;
  do {
    count += 1;
    if (count > most) throw new TooMuch("values", most);
    const head = readHead(bytes, at);
    const inside = open[open.length - 1];
    if (inside?.map && inside.left % 2 === 0) {
      if (head.major !== 0) throw new Refusal("map-key", {}, at);
      if (inside.key !== null && head.value <= inside.key) throw new Refusal("map-order", {}, at);
      inside.key = head.value;
    }
    if (inside) inside.left -= 1;
    at = checkValue(bytes, at, head, open, deepest);
    while (open.length && open[open.length - 1].left === 0) open.pop();
  } while (open.length);
  if (at !== bytes.length) throw new Refusal("bytes-behind", { count: bytes.length - at }, at);
}

/** Judges one value, opens it if it has members, and tells where the next begins. */
function checkValue(bytes, at, head, open, deepest) {
  const left = bytes.length - head.next;
  switch (head.major) {
    case 0:
      return head.next;
    case 1:
      if (head.value > LARGEST_NEGATIVE_HEAD) throw new Refusal("below-range", {}, at);
      return head.next;
    case 2:
    case 3:
      if (head.value > left) throw new Refusal("too-long", {}, at);
      if (head.major === 3) checkText(bytes, head.next, head.next + Number(head.value), at);
      return head.next + Number(head.value);
    case 4:
    case 5: {
      const members = head.major === 5 ? BigInt(head.value) * 2n : head.value;
      if (open.length >= deepest) throw new Refusal("too-deep", { deepest }, at);
      if (members > left) throw new Refusal("too-long", {}, at);
      open.push({ map: head.major === 5, left: Number(members), key: null });
      return head.next;
    }
    case 6:
      throw new Refusal("tag", {}, at);
    default:
      if (head.value < 20 || head.value > 22) throw new Refusal("float-or-simple", {}, at);
      return head.next;
  }
}

/** Reads an input that `checkEncoding` has judged. What is of another form is refused with its place. */
export class Reader {
  /** @param {Uint8Array} bytes @param {number} [at] @param {number} [origin] offset of `bytes` in the file */
  constructor(bytes, at = 0, origin = 0) {
    this.bytes = bytes;
    this.at = at;
    this.origin = origin;
  }

  /** @returns {string} the kind of the next value */
  kind() {
    const byte = this.bytes[this.at];
    if (byte === 0xf6) return "null";
    return byte >> 5 === 7 ? "bool" : MAJOR_NAMES[byte >> 5];
  }

  /** @param {string} path @param {string} key @param {Record<string, any>} [args] */
  refuse(path, key = "form", args = {}, at = this.at) {
    return new Refusal(key, args, this.origin + at, path);
  }

  /** Takes the head of a value of one major type. */
  take(major, path) {
    const start = this.at;
    const head = readHead(this.bytes, start);
    if (head.major !== major) {
      throw this.refuse(path, "form", { wanted: MAJOR_NAMES[major], found: this.kind() });
    }
    this.at = head.next;
    return head.value;
  }

  /** @param {string} path @returns {number | bigint} any unsigned integer; a bigint above 2^53 - 1 */
  anyUint(path) {
    return this.take(0, path);
  }

  /** @param {string} path @param {number} [most] @returns {number} */
  uint(path, most = LARGEST) {
    const start = this.at;
    const value = this.take(0, path);
    if (value > most) throw this.refuse(path, "above", { most }, start);
    return Number(value);
  }

  /** @param {string} path @param {number | null} [size] exact, in bytes @returns {Uint8Array} */
  byteString(path, size = null) {
    const start = this.at;
    const length = Number(this.take(2, path));
    if (size !== null && length !== size) {
      throw this.refuse(path, "wrong-size", { size, length }, start);
    }
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** @param {string} path @returns {string} */
  text(path) {
    return /** @type {string} */ (fromUtf8(this.textBytes(path)));
  }

  /** @param {string} path @returns {Uint8Array} the UTF-8 of a text */
  textBytes(path) {
    const length = Number(this.take(3, path));
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** @param {string} path @param {number | null} [size] @returns {number} how many members follow */
  array(path, size = null) {
    const start = this.at;
    const members = Number(this.take(4, path));
    if (size !== null && members !== size) {
      throw this.refuse(path, "members", { size, members }, start);
    }
    return members;
  }

  /** @param {string} path @returns {number} how many pairs follow */
  map(path) {
    return Number(this.take(5, path));
  }

  /** Passes over one value of any kind. @returns {Uint8Array} its bytes */
  skip() {
    const start = this.at;
    let open = 1;
    while (open > 0) {
      const head = readHead(this.bytes, this.at);
      this.at = head.next;
      open -= 1;
      if (head.major === 2 || head.major === 3) this.at += Number(head.value);
      if (head.major === 4) open += Number(head.value);
      if (head.major === 5) open += 2 * Number(head.value);
    }
    return this.bytes.subarray(start, this.at);
  }

  /** @returns {any} one value: number, bigint, bytes, text, array, Map, boolean or null */
  value() {
    const { major, value, next } = readHead(this.bytes, this.at);
    if (major === 2) return this.byteString("");
    if (major === 3) return this.text("");
    this.at = next;
    if (major === 0) return value;
    if (major === 1) {
      const below = -1n - BigInt(value);
      return below >= -BigInt(LARGEST) ? Number(below) : below;
    }
    if (major === 4) return Array.from({ length: Number(value) }, () => this.value());
    if (major === 7) return [false, true, null][Number(value) - 20];
    const out = new Map();
    for (let pair = 0; pair < value; pair += 1) {
      const key = this.value();
      out.set(key, this.value());
    }
    return out;
  }
}

/** @param {Uint8Array} bytes one judged value @returns {any} */
export function decodeValue(bytes) {
  return new Reader(bytes).value();
}

/** @param {number | bigint} value @returns {Uint8Array} an unsigned integer in its one form */
export function encodeUint(value) {
  if (value < 24) return Uint8Array.of(Number(value));
  const width = value < 256 ? 1 : value < 65536 ? 2 : value < 4294967296 ? 4 : 8;
  const view = new DataView(new ArrayBuffer(9));
  view.setBigUint64(1, BigInt(value));
  const out = new Uint8Array(view.buffer).slice(8 - width);
  out[0] = 24 + Math.log2(width);
  return out;
}
