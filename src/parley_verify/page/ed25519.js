// Which Ed25519 signatures count (spec/identity.md): the form is judged here, the equation by WebCrypto,
// or in plain arithmetic where the browser has no Ed25519 or another opinion of it.

import { fromHex, joinBytes, sameBytes, toHex, utf8 } from "./bytes.js";

const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const D = modulo(-121665n * inverse(121666n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);
const BASE = pointOf(modulo(4n * inverse(5n)), 0n);
const SMALL_ORDER = smallOrderEncodings();

/** @param {bigint} value */
function modulo(value) {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

/** @param {bigint} base @param {bigint} exponent */
function power(base, exponent) {
  let result = 1n;
  let square = modulo(base);
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = modulo(result * square);
    square = modulo(square * square);
  }
  return result;
}

/** @param {bigint} value */
function inverse(value) {
  return power(value, P - 2n);
}

/** A square root, or null. @param {bigint} value */
function rootOf(value) {
  let root = power(value, (P + 3n) / 8n);
  if (modulo(root * root - value) !== 0n) root = modulo(root * ROOT_OF_MINUS_ONE);
  return modulo(root * root - value) === 0n ? root : null;
}

/** The point with this y and this lowest bit of x, or null. @param {bigint} y @param {bigint} sign */
function pointOf(y, sign) {
  const square = modulo(y * y);
  const x = rootOf(modulo((square - 1n) * inverse(D * square + 1n)));
  if (x === null || (x === 0n && sign === 1n)) return null;
  const chosen = (x & 1n) === sign ? x : P - x;
  return { x: chosen, y, z: 1n, t: modulo(chosen * y) };
}

/** RFC 8032, section 5.1.4. */
function addPoints(one, other) {
  const a = modulo((one.y - one.x) * (other.y - other.x));
  const b = modulo((one.y + one.x) * (other.y + other.x));
  const c = modulo(2n * one.t * other.t * D);
  const d = modulo(2n * one.z * other.z);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return { x: modulo(e * f), y: modulo(g * h), z: modulo(f * g), t: modulo(e * h) };
}

/** @param {bigint} times */
function multiply(times, point) {
  let result = { x: 0n, y: 1n, z: 1n, t: 0n };
  let doubled = point;
  for (let left = times; left > 0n; left >>= 1n) {
    if (left & 1n) result = addPoints(result, doubled);
    doubled = addPoints(doubled, doubled);
  }
  return result;
}

/** @param {Uint8Array} bytes little-endian */
function numberOf(bytes) {
  return BigInt("0x" + (toHex(Uint8Array.from(bytes).reverse()) || "0"));
}

/** @param {bigint} y @param {bigint} sign @returns {Uint8Array} 32 bytes */
function encodeY(y, sign) {
  return fromHex((y | (sign << 255n)).toString(16).padStart(64, "0")).reverse();
}

/** The 14 encodings, as hex: y = 0, 1, p - 1, p, p + 1, c, p - c with and without the top bit. */
function smallOrderEncodings() {
  // d c^4 + 2 c^2 - 1 = 0, so c^2 = (-1 +- root(1 + d)) / d; only one of the two is a square.
  const half = rootOf(modulo(1n + D));
  const squares = [half, P - half].map((each) => modulo((each - 1n) * inverse(D)));
  const c = squares.map(rootOf).find((each) => each !== null);
  const ys = [0n, 1n, P - 1n, P, P + 1n, c, P - c];
  return new Set(ys.flatMap((y) => [toHex(encodeY(y, 0n)), toHex(encodeY(y, 1n))]));
}

/** @returns {string[]} the 14 encodings of points of small order, sorted, as hex */
export function smallOrderPoints() {
  return [...SMALL_ORDER].sort();
}

/** @param {Uint8Array} key @returns {boolean} 32 bytes, y below p, not of small order */
export function acceptableKey(key) {
  return key.length === 32 && (numberOf(key) & (2n ** 255n - 1n)) < P && !SMALL_ORDER.has(toHex(key));
}

/** @param {Uint8Array} signature @returns {boolean} 64 bytes, S below L, R not of small order */
function acceptableSignature(signature) {
  return (
    signature.length === 64 &&
    numberOf(signature.subarray(32)) < L &&
    !SMALL_ORDER.has(toHex(signature.subarray(0, 32)))
  );
}

/** S B = R + k A without cofactor, R compared as bytes. */
async function plainEquation(key, signature, message) {
  const whole = numberOf(key);
  const point = pointOf(whole & (2n ** 255n - 1n), whole >> 255n);
  if (point === null) return false;
  const hashed = joinBytes(signature.subarray(0, 32), key, message);
  const k = numberOf(new Uint8Array(await crypto.subtle.digest("SHA-512", hashed))) % L;
  const minus = { x: P - point.x, y: point.y, z: 1n, t: P - point.t };
  const sum = addPoints(multiply(numberOf(signature.subarray(32)), BASE), multiply(k, minus));
  const over = inverse(sum.z);
  return sameBytes(
    encodeY(modulo(sum.y * over), modulo(sum.x * over) & 1n),
    signature.subarray(0, 32),
  );
}

async function browserEquation(key, signature, message) {
  try {
    const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature, message);
  } catch (error) {
    // A key that is no point is refused at import by some browsers: that is a signature that is wrong.
    if (error instanceof DOMException && error.name !== "NotSupportedError") return false;
    throw error;
  }
}

let equation = null;

// Whether the browser holds the same opinion: signatures over "message", two of them under a key of mixed
// order, for which the equation with cofactor and the one without differ.
const TRIALS = [
  {
    // an ordinary signature
    key: "867251a06f737dbe3277a687a4d29aae7edac3651a3e9e91049b961c9e9b852d",
    signature:
      "bb738c0db4ad1b57ec3260b99ca98f383773a7f9ca06e8224881ca3da42ef5bd" +
      "715c18ea8443dcdce0c53ba2bda32fefdb76c8c06b79a61adb48de47eac81b09",
    accept: true,
  },
  {
    // mixed order, and the equation without cofactor is met
    key: "6c88f32c48f79d427a8c0e328ea85170f4f9a9d648ce6df58f1f149b1909beb5",
    signature:
      "9c9006f72aaee3be7d986cd83df56853845e320a0a65659abae0d323b68892ce" +
      "5b9f541e26c2c09aaad55e176e4d882a393f55e617ab8e644d4e549e9e0bd209",
    accept: true,
  },
  {
    // mixed order, and only the equation with cofactor is met
    key: "6c88f32c48f79d427a8c0e328ea85170f4f9a9d648ce6df58f1f149b1909beb5",
    signature:
      "72e6529f8c273f1fc66688cf15ab63195702c173034b6346c210131b79979127" +
      "7d00434aeb2395a36394c927a712dfd82d91aa535eeb141951447c22ea720c04",
    accept: false,
  },
];

/** @returns {Promise<"WebCrypto" | "plain">} what checks the equation here */
export async function chooseEquation() {
  if (equation === null) {
    equation = browserEquation;
    try {
      for (const each of TRIALS) {
        const found = await browserEquation(fromHex(each.key), fromHex(each.signature), utf8("message"));
        if (found !== each.accept) equation = plainEquation;
      }
    } catch {
      equation = plainEquation;
    }
  }
  return equation === browserEquation ? "WebCrypto" : "plain";
}

/**
 * @param {Uint8Array} key @param {Uint8Array} signature @param {Uint8Array} message
 * @param {boolean} [plain] without the browser's Ed25519
 * @returns {Promise<boolean>}
 */
export async function verifyEd25519(key, signature, message, plain = false) {
  if (!acceptableKey(key) || !acceptableSignature(signature)) return false;
  await chooseEquation();
  return (plain ? plainEquation : equation)(key, signature, message);
}
