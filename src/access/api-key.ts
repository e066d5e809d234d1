import { createHash, randomInt } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** 12 characters name a key in lists and logs; 43 of base 62 are 256 random bits, which nobody guesses. */
const prefixLength = 12;
const secretLength = 43;

const shape = /^lh_([0-9A-Za-z]{12})_([0-9A-Za-z_-]{43})$/;

/** A new key: `lh_<prefix>_<secret>`. It is shown once; the database keeps its hash. */
export function generateApiKey(): string {
  return `lh_${randomText(prefixLength)}_${randomText(secretLength)}`;
}

/** The part of a key that may be shown, or null for what is no key. */
export function findKeyPrefix(key: string): string | null {
  return shape.exec(key)?.[1] ?? null;
}

/** SHA-256, lower-case hexadecimal. A plain hash is enough: the secret has 256 bits, so there is nothing to try out. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

function randomText(length: number): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}
