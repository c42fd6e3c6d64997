// SHAKE128 and SHAKE256 (FIPS 202), which ML-DSA is built on and browsers do not offer.

const ROUNDS = 24;
const CONSTANTS = [
  "0000000000000001", "0000000000008082", "800000000000808a", "8000000080008000",
  "000000000000808b", "0000000080000001", "8000000080008081", "8000000000008009",
  "000000000000008a", "0000000000000088", "0000000080008009", "000000008000000a",
  "000000008000808b", "800000000000008b", "8000000000008089", "8000000000008003",
  "8000000000008002", "8000000000000080", "000000000000800a", "800000008000000a",
  "8000000080008081", "8000000000008080", "0000000080000001", "8000000080008008",
].map((text) => [parseInt(text.slice(8), 16) | 0, parseInt(text.slice(0, 8), 16) | 0]);
const MOVES = movesOfLanes();
const RATE_128 = 168;
const RATE_256 = 136;

/** Where each lane goes and how far it is rotated (steps rho and pi). */
function movesOfLanes() {
  const out = [{ from: 0, to: 0, by: 0 }];
  let [x, y] = [1, 0];
  for (let step = 0; step < 24; step += 1) {
    const [nextX, nextY] = [y, (2 * x + 3 * y) % 5];
    out.push({ from: x + 5 * y, to: nextX + 5 * nextY, by: (((step + 1) * (step + 2)) / 2) % 64 });
    [x, y] = [nextX, nextY];
  }
  return out;
}

/** The permutation, on 25 lanes of a low and a high half. @param {Int32Array} state */
function permute(state) {
  const columns = new Int32Array(10);
  const moved = new Int32Array(50);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let x = 0; x < 10; x += 1) {
      columns[x] = state[x] ^ state[x + 10] ^ state[x + 20] ^ state[x + 30] ^ state[x + 40];
    }
    for (let x = 0; x < 5; x += 1) {
      const before = 2 * ((x + 4) % 5);
      const after = 2 * ((x + 1) % 5);
      const low = columns[before] ^ ((columns[after] << 1) | (columns[after + 1] >>> 31));
      const high = columns[before + 1] ^ ((columns[after + 1] << 1) | (columns[after] >>> 31));
      for (let lane = 2 * x; lane < 50; lane += 10) {
        state[lane] ^= low;
        state[lane + 1] ^= high;
      }
    }
    for (const { from, to, by } of MOVES) {
      const near = by < 32 ? state[2 * from] : state[2 * from + 1];
      const far = by < 32 ? state[2 * from + 1] : state[2 * from];
      const bits = by % 32;
      moved[2 * to] = bits ? (near << bits) | (far >>> (32 - bits)) : near;
      moved[2 * to + 1] = bits ? (far << bits) | (near >>> (32 - bits)) : far;
    }
    for (let row = 0; row < 50; row += 10) {
      for (let x = 0; x < 10; x += 1) {
        state[row + x] = moved[row + x] ^ (~moved[row + ((x + 2) % 10)] & moved[row + ((x + 4) % 10)]);
      }
    }
    state[0] ^= CONSTANTS[round][0];
    state[1] ^= CONSTANTS[round][1];
  }
}

/** A hash of any length, read piece by piece. */
class Shake {
  /** @param {number} rate in bytes @param {Uint8Array[]} parts hashed one behind the other */
  constructor(rate, parts) {
    this.rate = rate;
    this.state = new Int32Array(50);
    this.bytes = new Uint8Array(rate);
    this.at = 0;
    for (const part of parts) for (const byte of part) this.absorb(byte);
    this.mix(this.at, 0x1f);
    this.mix(rate - 1, 0x80);
    this.turn();
  }

  mix(at, byte) {
    this.state[at >> 2] ^= byte << (8 * (at & 3));
  }

  absorb(byte) {
    this.mix(this.at, byte);
    this.at += 1;
    if (this.at < this.rate) return;
    permute(this.state);
    this.at = 0;
  }

  turn() {
    permute(this.state);
    for (let at = 0; at < this.rate; at += 1) this.bytes[at] = this.state[at >> 2] >>> (8 * (at & 3));
    this.at = 0;
  }

  /** @returns {number} the next byte */
  next() {
    if (this.at === this.rate) this.turn();
    this.at += 1;
    return this.bytes[this.at - 1];
  }

  /** @param {number} count @returns {Uint8Array} the next bytes */
  take(count) {
    return Uint8Array.from({ length: count }, () => this.next());
  }
}

/** @param {...Uint8Array} parts */
export function shake128(...parts) {
  return new Shake(RATE_128, parts);
}

/** @param {...Uint8Array} parts */
export function shake256(...parts) {
  return new Shake(RATE_256, parts);
}
