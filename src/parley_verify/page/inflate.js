// Packed texts (spec/encoding.md): raw DEFLATE (RFC 1951) behind preset dictionary 1.

import { fromUtf8, utf8 } from "./bytes.js";
import { INFLATED_BYTES } from "./limits.js";

const DICTIONARY = utf8(embedded("dictionary1.txt"));
const WINDOW = 32768;
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const LENGTH_BITS = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

class Bits {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.bit = 0;
  }

  take(count) {
    let value = 0;
    for (let place = 0; place < count; place += 1) {
      if (this.at >= this.bytes.length) throw new RangeError("cut short");
      value |= ((this.bytes[this.at] >> this.bit) & 1) << place;
      this.bit += 1;
      if (this.bit === 8) {
        this.bit = 0;
        this.at += 1;
      }
    }
    return value;
  }

  alignToByte() {
    if (this.bit > 0) {
      this.bit = 0;
      this.at += 1;
    }
  }
}

/** Codes from their lengths: how many of each length, and the symbols in order. */
function codesOf(lengths) {
  const counts = new Array(16).fill(0);
  for (const length of lengths) counts[length] += 1;
  counts[0] = 0;
  let left = 1;
  for (let length = 1; length < 16; length += 1) {
    left = left * 2 - counts[length];
    if (left < 0) throw new RangeError("more codes than fit");
  }
  const symbols = [];
  for (let length = 1; length < 16; length += 1) {
    lengths.forEach((each, symbol) => each === length && symbols.push(symbol));
  }
  return { counts, symbols, complete: left === 0, alone: symbols.length === 1 && counts[1] === 1 };
}

function readSymbol(bits, { counts, symbols }) {
  let [code, first, index] = [0, 0, 0];
  for (let length = 1; length < 16; length += 1) {
    code |= bits.take(1);
    if (code - counts[length] < first) return symbols[index + code - first];
    index += counts[length];
    first = (first + counts[length]) * 2;
    code *= 2;
  }
  throw new RangeError("no such code");
}

function fixedCodes() {
  const lengths = Array.from({ length: 288 }, (_, symbol) =>
    symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
  );
  return [codesOf(lengths), codesOf(new Array(30).fill(5))];
}

function dynamicCodes(bits) {
  const [literals, distances, order] = [bits.take(5) + 257, bits.take(5) + 1, bits.take(4) + 4];
  if (literals > 286 || distances > 30) throw new RangeError("too many codes");
  const small = new Array(19).fill(0);
  for (let place = 0; place < order; place += 1) small[CODE_ORDER[place]] = bits.take(3);
  const codes = codesOf(small);
  if (!codes.complete) throw new RangeError("incomplete codes");
  const lengths = [];
  while (lengths.length < literals + distances) {
    const symbol = readSymbol(bits, codes);
    if (symbol < 16) {
      lengths.push(symbol);
      continue;
    }
    if (symbol === 16 && lengths.length === 0) throw new RangeError("nothing to repeat");
    const again = symbol === 16 ? lengths[lengths.length - 1] : 0;
    const times = symbol === 16 ? 3 + bits.take(2) : symbol === 17 ? 3 + bits.take(3) : 11 + bits.take(7);
    for (let time = 0; time < times; time += 1) lengths.push(again);
  }
  if (lengths.length > literals + distances || lengths[256] === 0) throw new RangeError("bad lengths");
  const both = [codesOf(lengths.slice(0, literals)), codesOf(lengths.slice(literals))];
  if (both.some(({ complete, alone, symbols }) => !complete && !alone && symbols.length > 0)) {
    throw new RangeError("incomplete codes");
  }
  return both;
}

function copyBlock(bits, [literals, distances], out) {
  for (;;) {
    const symbol = readSymbol(bits, literals);
    if (symbol === 256) return;
    if (symbol < 256) {
      out.push(symbol);
    } else {
      if (symbol > 285) throw new RangeError("no such length");
      const length = LENGTHS[symbol - 257] + bits.take(LENGTH_BITS[symbol - 257]);
      const far = readSymbol(bits, distances);
      if (far === undefined || far > 29) throw new RangeError("no such distance");
      const extra = far < 4 ? 0 : (far >> 1) - 1;
      const distance = (far < 4 ? far : ((2 + (far & 1)) << extra)) + 1 + bits.take(extra);
      if (distance > out.length || distance > WINDOW) throw new RangeError("too far back");
      for (let place = 0; place < length; place += 1) out.push(out[out.length - distance]);
    }
    if (out.length > DICTIONARY.length + INFLATED_BYTES) throw new RangeError("too long");
  }
}

function storedBlock(bits, out) {
  bits.alignToByte();
  const length = bits.take(16);
  if ((bits.take(16) ^ 0xffff) !== length) throw new RangeError("a stored block of another length");
  if (out.length + length > DICTIONARY.length + INFLATED_BYTES) throw new RangeError("too long");
  for (let place = 0; place < length; place += 1) out.push(bits.take(8));
}

/**
 * @param {Uint8Array} packed @returns {string | null} the text; null where it is refused
 */
export function inflateText(packed) {
  const bits = new Bits(packed);
  const out = [...DICTIONARY];
  try {
    let last = 0;
    while (last === 0) {
      last = bits.take(1);
      const type = bits.take(2);
      if (type === 0) storedBlock(bits, out);
      else if (type === 1) copyBlock(bits, fixedCodes(), out);
      else if (type === 2) copyBlock(bits, dynamicCodes(bits), out);
      else throw new RangeError("no such block");
    }
    bits.alignToByte();
    if (bits.at !== packed.length) return null;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
  return fromUtf8(Uint8Array.from(out.slice(DICTIONARY.length)));
}
