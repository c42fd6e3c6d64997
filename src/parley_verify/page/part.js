// Log parts (spec/bundle.md): leaves rebuilt from what is shown, and the roots that they prove.

import { compareBytes, sameBytes, toHex } from "./bytes.js";
import { decodeValue, encodeUint } from "./cbor.js";
import { readOrigin } from "./note.js";
import { sha256 } from "./sha256.js";

const HIGHEST_LEVEL = 53;
const BLIND_BYTES = 16;
const EMPTY_ROOT = sha256();

/**
 * @typedef {{ index: number, kind: number | bigint, time: number | bigint, flags: number | bigint, seen: any,
 *   commitments: Map<number | bigint, Uint8Array> | null, opened: Map<number | bigint, Uint8Array>,
 *   hash: Uint8Array }} Leaf
 */

/** One log part: which leaves are shown, and which roots it gives. */
export class Part {
  /** @param {string} origin @param {number} size @param {string} path @param {number} offset */
  constructor(origin, size, path, offset) {
    this.origin = origin;
    this.log = readOrigin(origin);
    this.size = size;
    this.path = path;
    this.offset = offset;
    /** @type {Map<number, Leaf>} */
    this.leaves = new Map();
    /** @type {Map<string, Uint8Array>} */
    this.subtrees = new Map();
    /** @type {Map<number, Uint8Array | null>} */
    this.roots = new Map();
    /** @type {Map<string, any>} what later steps work out once for each part */
    this.memory = new Map();
    /** @type {Uint8Array} */
    this.root = EMPTY_ROOT;
  }

  /**
   * RFC 6962, section 2.1.
   * @param {number} size @returns {Uint8Array | null} the root over the first `size` entries; null if not given
   */
  rootAt(size) {
    if (size > this.size) return null;
    let root = this.roots.get(size);
    if (root === undefined) {
      root = this.computeRoot(size);
      this.roots.set(size, root);
    }
    return root;
  }

  /** The full subtrees that make up `size`, joined from the right. */
  computeRoot(size) {
    const pieces = [];
    let from = 0;
    for (let level = HIGHEST_LEVEL; level >= 0; level -= 1) {
      const width = 2 ** level;
      if (size - from < width) continue;
      const piece = this.subtrees.get(`${level}/${from / width}`);
      if (piece === undefined) return null;
      pieces.push(piece);
      from += width;
    }
    if (pieces.length === 0) return EMPTY_ROOT;
    return pieces.reduceRight((right, left) => nodeHash(left, right));
  }

  /** @param {{ size: number, root: Uint8Array }} signed @returns {boolean} */
  gives({ size, root }) {
    const own = this.rootAt(size);
    return own !== null && sameBytes(own, root);
  }

  /** @param {{ size: number, root: Uint8Array }} signed whether the part gives another root at that size */
  denies({ size, root }) {
    const own = this.rootAt(size);
    return own !== null && !sameBytes(own, root);
  }
}

/** @param {Uint8Array} left @param {Uint8Array} right */
export function nodeHash(left, right) {
  return sha256(Uint8Array.of(1), left, right);
}

/**
 * @param {import("./cbor.js").Reader} reader @param {string} path
 * @param {{ leaves: number }} budget how many leaves may still be read
 * @param {() => Error} tooMany @returns {Part}
 */
export function readPart(reader, path, budget, tooMany) {
  const start = reader.at;
  reader.array(path, 4);
  const originAt = reader.at;
  const origin = reader.text(`${path}/0`);
  if (readOrigin(origin) === null) throw reader.refuse(`${path}/0`, "bad-origin", {}, originAt);
  const sizeAt = reader.at;
  const size = reader.uint(`${path}/1`);
  if (size === 0) throw reader.refuse(`${path}/1`, "empty-part", {}, sizeAt);
  const part = new Part(origin, size, path, reader.origin + start);
  const leaves = [];
  for (let left = reader.array(`${path}/2`), place = 0; place < left; place += 1) {
    budget.leaves -= 1;
    if (budget.leaves < 0) throw tooMany();
    leaves.push(readShown(reader, `${path}/2/${place}`));
  }
  const nodes = [];
  for (let left = reader.array(`${path}/3`), place = 0; place < left; place += 1) {
    nodes.push(readNode(reader, `${path}/3/${place}`, part.size));
  }
  checkPartition(part, leaves, nodes, reader, start);
  for (const { leaf } of leaves) {
    part.leaves.set(leaf.index, leaf);
    part.subtrees.set(`0/${leaf.index}`, leaf.hash);
  }
  for (const node of nodes) part.subtrees.set(`${node.level}/${node.pos}`, node.hash);
  joinSubtrees(part, [...leaves.map(({ leaf }) => ({ level: 0, pos: leaf.index })), ...nodes]);
  part.root = /** @type {Uint8Array} */ (part.rootAt(part.size));
  return part;
}

/** Leaves and nodes in their order, each index of `[0, size)` once. */
function checkPartition(part, leaves, nodes, reader, start) {
  const order = (list, from, key) => {
    for (let at = 1; at < list.length; at += 1) {
      if (from(list[at]) <= from(list[at - 1])) throw reader.refuse(list[at].path, key, {}, list[at].at);
    }
  };
  order(leaves, (each) => each.leaf.index, "leaf-order");
  order(nodes, (each) => each.from, "node-order");
  let covered = 0;
  let [leaf, node] = [0, 0];
  while (leaf < leaves.length || node < nodes.length) {
    if (leaf < leaves.length && leaves[leaf].leaf.index === covered) {
      covered += 1;
      leaf += 1;
    } else if (node < nodes.length && nodes[node].from === covered) {
      covered = nodes[node].end;
      node += 1;
    } else {
      throw reader.refuse(part.path, "not-covered", { at: covered }, start);
    }
  }
  if (covered !== part.size) throw reader.refuse(part.path, "not-covered", { at: covered }, start);
}

/** Every subtree whose two halves are known is known. */
function joinSubtrees(part, known) {
  let level = 0;
  let here = new Set();
  const byLevel = new Map();
  for (const each of known) {
    if (!byLevel.has(each.level)) byLevel.set(each.level, []);
    byLevel.get(each.level).push(each.pos);
  }
  for (; level < HIGHEST_LEVEL; level += 1) {
    for (const pos of byLevel.get(level) ?? []) here.add(pos);
    const above = new Set();
    for (const pos of here) {
      if (pos % 2 !== 0 || !here.has(pos + 1)) continue;
      const left = part.subtrees.get(`${level}/${pos}`);
      const right = part.subtrees.get(`${level}/${pos + 1}`);
      part.subtrees.set(`${level + 1}/${pos / 2}`, nodeHash(left, right));
      above.add(pos / 2);
    }
    here = above;
  }
}

function readNode(reader, path, size) {
  const at = reader.at;
  reader.array(path, 3);
  const level = reader.uint(`${path}/0`);
  const pos = reader.uint(`${path}/1`);
  const hash = reader.byteString(`${path}/2`, 32);
  if (level > HIGHEST_LEVEL || (pos + 1) * 2 ** level > size) {
    throw reader.refuse(path, "node-outside", {}, at);
  }
  return { level, pos, hash, from: pos * 2 ** level, end: (pos + 1) * 2 ** level, path, at };
}

/** One `[index, leaf-view]`. */
function readShown(reader, path) {
  const at = reader.at;
  reader.array(path, 2);
  const index = reader.uint(`${path}/0`);
  return { leaf: readLeaf(reader, `${path}/1`, index), path, at };
}

/** @returns {Leaf} rebuilt, with every opened field checked */
function readLeaf(reader, path, index) {
  reader.array(path, 6);
  const from = reader.at;
  const kind = reader.anyUint(`${path}/0`);
  const time = reader.anyUint(`${path}/1`);
  const flags = reader.anyUint(`${path}/2`);
  const seen = readSeen(reader, `${path}/3`);
  const commitments = readCommitments(reader, `${path}/4`);
  const preimage = reader.bytes.subarray(from, reader.at);
  const hash = sha256(Uint8Array.of(0x00, 0x85), preimage);
  const opened = readOpened(reader, `${path}/5`, commitments, index);
  return { index, kind, time, flags, seen, commitments, opened, hash };
}

function readSeen(reader, path) {
  if (reader.kind() !== "array") return reader.anyUint(path);
  return Array.from({ length: reader.array(path) }, (_, place) => reader.anyUint(`${path}/${place}`));
}

function readCommitments(reader, path) {
  if (reader.kind() === "bytes") {
    reader.byteString(path, BLIND_BYTES);
    return null;
  }
  const out = new Map();
  for (let left = reader.map(path); left > 0; left -= 1) {
    const field = reader.anyUint(path);
    out.set(field, reader.byteString(`${path}/${field}`, 32));
  }
  return out;
}

function readOpened(reader, path, commitments, index) {
  const out = new Map();
  for (let left = reader.map(path); left > 0; left -= 1) {
    const at = reader.at;
    const field = reader.anyUint(path);
    const here = `${path}/${field}`;
    if (field === 0) throw reader.refuse(here, "hide-opened", { index }, at);
    const valueAt = reader.at;
    reader.array(here, 2);
    const salt = reader.byteString(`${here}/0`, 16);
    const raw = reader.skip();
    const commitment = commitments?.get(field);
    if (!commitment) throw reader.refuse(here, "opens-nothing", { index, field }, valueAt);
    const fits = sha256("parley1 field\0", salt, Uint8Array.of(0x82), encodeUint(field), raw);
    if (!sameBytes(fits, commitment)) throw reader.refuse(here, "field-unfit", { index, field }, valueAt);
    out.set(field, raw);
  }
  return out;
}

/** @param {Part} one @param {Part} other the order of parts in a bundle */
export function compareParts(one, other) {
  if (one.origin !== other.origin) return one.origin < other.origin ? -1 : 1;
  return one.size - other.size || compareBytes(one.root, other.root);
}

/** A value that is committed to and not shown. */
export const WITHHELD = Symbol("withheld");

/**
 * @param {Leaf} leaf @param {number} field
 * @returns {any} the value; undefined where the leaf has no such field; WITHHELD where it is not opened
 */
export function fieldOf(leaf, field) {
  const raw = leaf.opened.get(field);
  if (raw !== undefined) return decodeValue(raw);
  if (leaf.commitments === null) return WITHHELD;
  return leaf.commitments.has(field) ? WITHHELD : undefined;
}

/** @param {Leaf} leaf @returns {boolean} bit 4 of its flags */
export function offTheRecord(leaf) {
  return leaf.commitments === null || (BigInt(leaf.flags) >> 4n) % 2n === 1n;
}

/** @param {any} value bytes of an incarnation @returns {string | null} hex */
export function incOf(value) {
  return value instanceof Uint8Array && value.length === 8 ? toHex(value) : null;
}
