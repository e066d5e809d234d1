import { toError } from '../domain/errors.ts';
import type { Bucket, BucketRange, OpenedFile } from './bucket.ts';
import { StorageProblemError, toStorageProblem } from './storage-problem.ts';

/** Connections that may break without a byte in between. */
const mostFailures = 3;

/**
 * The bytes of a file over as many connections as it takes: whoever reads slowly, as an import does, is cut off by a store. Goes on
 * in the same version of the file, until its reader has `left`, and ends with a StorageProblemError where that is not to be had.
 */
export async function* readOn(
  bucket: Bucket,
  key: string,
  range: BucketRange | undefined,
  first: OpenedFile,
  left?: AbortSignal,
): AsyncGenerator<Buffer> {
  let { content } = first;
  let start = range?.start ?? 0;
  for (let failures = 0; ;) {
    try {
      for await (const bytes of content) {
        start += bytes.length;
        failures = 0;
        yield bytes;
      }
      return;
    } catch (thrown) {
      if (left?.aborted) return;
      const error = toError(thrown);
      failures += 1;
      if (error instanceof StorageProblemError) throw error;
      if (failures > mostFailures) throw toStorageProblem(bucket.name, `read ${key}`, 'UNREACHABLE', error);
    }
    ({ content } = await bucket.get(key, { start, end: range?.end }, first.version));
  }
}
