import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import type { UrlTarget } from './url-access.ts';

const targetSchema = z.object({
  url: z.string(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
});

const algorithm = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts a URL with its headers for the one upload that it becomes, with a key that is derived from the secret of this installation. */
export function sealTarget(secret: string, uploadId: string, { url, headers }: UrlTarget): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, keyOf(secret), nonce).setAAD(Buffer.from(uploadId));
  const text = Buffer.concat([cipher.update(JSON.stringify({ url, headers })), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
}

/** @throws UnreadableSourceError when it was sealed under another secret */
export function unsealTarget(secret: string, uploadId: string, sealed: string): UrlTarget {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv(algorithm, keyOf(secret), bytes.subarray(0, nonceBytes))
    .setAAD(Buffer.from(uploadId))
    .setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
    return targetSchema.parse(JSON.parse(text.toString()));
  } catch (error) {
    throw new UnreadableSourceError(
      'The URL was stored under another LONGHAUL_SECRET and cannot be read. Submit the job again.',
      error,
    );
  }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'longhaul source url', 32));
}
