/**
 * Names a kind of failure: the same 16 hexadecimal digits for messages that differ only in figures, quoted values, ids,
 * dates or addresses. Stable across releases: failure groups are stored under it.
 */
export function fingerprint(code: string, message: string): string {
  return fnv1a64(`${code}\n${withoutValues(message)}`);
}

/** In this order: what is quoted first, for it may hold anything. */
const values = [
  /"(?:[^"\\]|\\.)*"/g,
  /“[^”]*”|‘[^’]*’|«[^»]*»|`[^`]*`/g,
  // An apostrophe within a word quotes nothing: "can't".
  /(?<!\p{L})'[^']*'(?!\p{L})/gu,
  /\b[a-z][a-z0-9+.-]*:\/\/\S+/gi,
  /\b[\w.+-]+@[\w-]+\.[\w.-]+/g,
  /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi,
  // Names that hold a digit, like INV-2026-0001 or 5f3a9c, and plain figures with their signs, points and colons.
  /[-+]?[\p{L}\p{N}_-]*\p{N}[\p{L}\p{N}_.,:+-]*/gu,
];

function withoutValues(message: string): string {
  const bare = values.reduce((text, value) => text.replace(value, '?'), message);
  return bare.toLowerCase().replace(/\s+/g, ' ').trim();
}

/**
 * FNV-1a, 64 bits, over UTF-8 (draft-eastlake-fnv, section 2): fast, without dependencies, and good enough to tell
 * thousands of messages apart; it protects nothing. Two 32-bit halves stay exact in a double; the prime is 2^40 + 0x1b3.
 */
export function fnv1a64(text: string): string {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  for (const byte of new TextEncoder().encode(text)) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (low << 8)) >>> 0;
    low = product % 2 ** 32;
  }
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
