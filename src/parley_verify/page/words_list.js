// The words of a fingerprint (spec/identity.md): twelve, from the first 132 bits.

const ENGLISH_LIST = embedded("words_en.txt").trim().split("\n");
const CHINESE_LIST = embedded("words_zh.txt").trim().split("\n");
const WORDS = 12;
const BITS = 11n;

/** @param {string} fingerprint 64 hex digits @returns {{ en: string[], zh: string[] }} */
export function wordsOf(fingerprint) {
  const number = BigInt(`0x${fingerprint}`);
  const places = Array.from({ length: WORDS }, (_, word) =>
    Number((number >> (256n - BITS * BigInt(word + 1))) % 2048n),
  );
  return { en: places.map((place) => ENGLISH_LIST[place]), zh: places.map((place) => CHINESE_LIST[place]) };
}
