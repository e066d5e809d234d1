import { z } from 'zod';
import { seal, unseal } from '../../secrets/seal.ts';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import type { UrlTarget } from './url-access.ts';

const targetSchema = z.object({
  url: z.string(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
});

const purpose = 'source url';

/** Encrypts a URL with its headers for the one upload that it becomes. */
export function sealTarget(secret: string, uploadId: string, { url, headers }: UrlTarget): string {
  return seal(secret, { purpose, owner: uploadId }, JSON.stringify({ url, headers }));
}

/** @throws UnreadableSourceError when it was sealed under another secret */
export function unsealTarget(secret: string, uploadId: string, sealed: string): UrlTarget {
  try {
    return targetSchema.parse(JSON.parse(unseal(secret, { purpose, owner: uploadId }, sealed)));
  } catch (error) {
    throw new UnreadableSourceError(
      'The URL was stored under another LONGHAUL_SECRET and cannot be read. Submit the job again.',
      error,
    );
  }
}
