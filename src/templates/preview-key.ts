import type { Storage } from '../storage/storage.ts';

const root = 'previews';
const hourMs = 3_600_000;
/** Longest that a preview can be seen; at least an hour. */
const ttlMs = 2 * hourMs;

/** A preview lies below the hour in which it expires, so that nothing else has to remember that. */
export function previewPlace(id: string, now = Date.now()): { key: string; expiresAt: Date } {
  const hour = Math.floor((now + ttlMs) / hourMs);
  return { key: `${root}/${hour}/${id}`, expiresAt: new Date(hour * hourMs) };
}

/** A version never changes, so its picture does not either. */
export function templatePreviewId({ id, version }: { id: string; version: number }): string {
  return `${id}-${version}`;
}

const ofTemplate = /^previews\/\d+\/(?<templateId>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-(?<version>\d{1,9})$/;

/** The version of a template whose picture lies under a key; null for other previews. */
export function parseTemplatePreview(key: string): { templateId: string; version: number } | null {
  const { templateId, version } = ofTemplate.exec(key)?.groups ?? {};
  return templateId === undefined ? null : { templateId, version: Number(version) };
}

/** Deletes previews that have expired, up to `limit`; answers how many. */
export async function expirePreviews(storage: Storage, limit: number, now = Date.now()): Promise<number> {
  let expired = 0;
  for (let after: string | null = null; ;) {
    const { files, next } = await storage.list(root, { after, limit: 1_000 });
    for (const { key } of files) {
      const [, hour] = key.split('/');
      if (Number(hour) * hourMs > now || expired === limit) continue;
      await storage.delete(key);
      expired += 1;
    }
    if (next === null || expired === limit) return expired;
    after = next;
  }
}
