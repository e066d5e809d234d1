import { Readable } from 'node:stream';
import { z } from 'zod';
import type { StepOutcome } from '../domain/activities.ts';
import { toError } from '../domain/errors.ts';
import { openUploadFile, uploadKey } from '../sources/source-file.ts';
import { UnreadableSourceError } from '../sources/unreadable-source-error.ts';
import { fetchBytes, NotResumableError, type RemoteFile } from '../sources/url/fetch-bytes.ts';
import { tellFormat } from '../sources/url/remote-file.ts';
import { unsealTarget } from '../sources/url/seal-target.ts';
import type { UrlAccess } from '../sources/url/url-access.ts';
import { createLineCounter } from '../uploads/line-counter.ts';
import { createFetching, type FetchClaim, type FetchedFile, type FetchingDeps, type FetchTask } from './fetching.ts';

/** Restarts from the first byte, of servers that cannot go on in the middle. */
const maxRestarts = 3;
const noteEveryMs = 2_000;

/** What is noted in the stage, so that a later attempt goes on with the same file. */
const noteSchema = z.object({
  remote: z.object({
    validator: z.string().nullable(),
    byteSize: z.number().nullable(),
    fileName: z.string(),
    contentType: z.string().nullable(),
  }),
});

/** Fetches the file of a URL; after a crash it goes on behind the bytes that came, where the server can. */
export async function fetchUrl(
  deps: FetchingDeps & { urlAccess: UrlAccess },
  task: FetchTask,
  claim: FetchClaim<'url'>,
): Promise<StepOutcome> {
  const { storage, urlAccess, config } = deps;
  const { source } = claim;
  const fetching = createFetching(deps, task, claim);
  const key = uploadKey(source.uploadId);
  const target = unsealTarget(config.secret, source.uploadId, source.sealed);
  let remote: RemoteFile | null = noteSchema.safeParse(claim.metadata).data?.remote ?? null;

  async function fetchWhole(stop: AbortSignal): Promise<FetchedFile> {
    for (let restarts = 0; ; restarts += 1) {
      const isSame = restarts === 0 && remote !== null && remote.validator !== null;
      const offset = isSame ? await storage.draftSize(key) : 0;
      const lines = createLineCounter();
      try {
        const content = Readable.from(readBytes(offset, stop), { objectMode: false });
        const { maxBytes } = urlAccess;
        const draft = await storage.write(key, content, { offset, maxBytes, signal: stop, watch: lines.count });
        const file = remote ?? { fileName: 'file', contentType: null };
        const format = async () =>
          source.format ??
          (await tellFormat(file, await openUploadFile(storage, source.uploadId), source.entry ?? null));
        return { draft, fileName: file.fileName, lineCount: lines.total(), format };
      } catch (thrown) {
        const error = toError(thrown);
        if (!(error instanceof NotResumableError)) throw error;
        if (restarts >= maxRestarts) {
          throw new UnreadableSourceError(
            'The connection broke several times, and the server cannot go on where it stopped. Upload the file instead.',
            error,
          );
        }
      }
    }
  }

  async function* readBytes(offset: number, stop: AbortSignal): AsyncGenerator<Buffer> {
    let bytesFetched = offset;
    let notedAt = 0;
    const note = async () => {
      notedAt = performance.now();
      await fetching.note({ remote, bytesFetched, bytesToFetch: remote?.byteSize ?? null });
    };
    const onOpened = async (file: RemoteFile) => {
      remote = file;
      await note();
    };
    const known = offset > 0 ? remote : null;
    for await (const bytes of fetchBytes(urlAccess, { target, offset, known, signal: stop, onOpened })) {
      bytesFetched += bytes.length;
      yield bytes;
      if (performance.now() - notedAt > noteEveryMs) await note();
    }
    await note();
  }

  return await fetching.run(fetchWhole);
}
