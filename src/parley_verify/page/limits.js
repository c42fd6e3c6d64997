// Every bound (spec/limits.md). Those of the page itself end in "not checked".

export const LARGEST = Number.MAX_SAFE_INTEGER;
export const EXIT_PROVED = 0;
export const EXIT_WRONG = 7;
export const EXIT_LESS = 14;

export const DEPTH_BODY = 8;
export const DEPTH_BUNDLE = 16;

export const CARD_BYTES = 32768;
export const CARD_STATION_KEYS = 8;
export const CARD_PREKEYS = 8;
export const CARD_HINTS = 8;
export const CARD_OFFICERS = 16;
export const HINT_BYTES = 200;
export const NAME_CHARACTERS = 120;
export const PURPOSE_BYTES = 2000;
export const MOST_PARTIES = 16;
export const MOST_WITNESSES = 8;
export const WITNESS_NAME_BYTES = 200;
export const WITNESS_KEY_BYTES = 4000;
export const PREDECESSOR_LOGS = 64;
export const MOST_GAPS = 64;
export const SIGNATURE_LINES = 16;
export const SHORTEST_CLOCK = 60;
export const INFLATED_BYTES = 65536;

export const PAGE_BYTES = 64 * 1024 * 1024;
export const PAGE_VALUES = 6000000;
export const PAGE_CARDS = 64;
export const PAGE_CHARTERS = 64;
export const PAGE_NOTES = 1024;
export const PAGE_PARTS = 1024;
export const PAGE_PARTS_OF_A_LOG = 8;
export const PAGE_LEAVES = 65536;
export const PAGE_CLAIMS = 256;
export const PAGE_STEPS = 10000000;
