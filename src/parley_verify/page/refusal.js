// Why a file is refused, or was not checked to its end. Both end the work on the file.

/**
 * @typedef {{ key: string, args: Record<string, any> }} Said a sentence before it is put in a language
 */

/** @param {string} key @param {Record<string, any>} [args] @returns {Said} */
export function said(key, args = {}) {
  return { key, args };
}

/** A byte was changed, or a rule of form is broken: exit 7. */
export class Refusal extends Error {
  /** @param {string} key @param {Record<string, any>} args @param {number} offset @param {string} path */
  constructor(key, args = {}, offset = 0, path = "") {
    super(key);
    this.said = said(key, args);
    this.offset = offset;
    this.path = path;
  }
}

/** A limit of this page, not of the protocol: exit 14, never 7. */
export class TooMuch extends Error {
  /** @param {string} what @param {number} most */
  constructor(what, most) {
    super(what);
    this.said = said("beyond-limit", { what, most });
  }
}

const RESTLESS = 200000;
const SIGNATURE_STEPS = 400;

/** Counts steps, so that no file keeps the page busy without end. */
export class Effort {
  /** @param {number} most steps */
  constructor(most) {
    this.most = most;
    this.left = most;
    this.rested = most;
  }

  /** @param {number} count of signatures that were checked */
  async spendOnSignatures(count) {
    this.spend(count * SIGNATURE_STEPS);
    await this.rest();
  }

  /** Lets the browser draw and listen, now and then. */
  async rest() {
    if (this.rested - this.left < RESTLESS) return;
    this.rested = this.left;
    await new Promise((done) => setTimeout(done, 0));
  }

  /** @param {number} steps */
  spend(steps) {
    this.left -= steps;
    if (this.left < 0) throw new TooMuch("steps", this.most);
  }
}
