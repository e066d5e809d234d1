import { Readable } from 'node:stream';
import type { ExportCheckpoint } from '../domain/export.ts';
import type { Storage, StoredObject } from '../storage/storage.ts';
import { readSections, type Section } from './sections.ts';

type Progress = Pick<ExportCheckpoint, 'next' | 'parts'>;

export interface StoreInParts {
  storage: Storage;
  sections: readonly Section[];
  /** What an earlier attempt has stored of the same content. */
  from: Progress | null;
  /** Where the whole file goes. */
  key: string;
  /** Where the nth part goes, counted from 1; no other attempt writes there. */
  partKey(part: number): string;
  maxBytes: number;
  /** A part is stored when it has at least so many bytes; as many are held in memory. */
  partBytes: number;
  signal: AbortSignal;
  /** Called when another part is stored, durably; when it throws, the part is deleted. */
  onPart(progress: Progress): Promise<void>;
}

/**
 * Stores a content that is made in sections. What does not fit into one part is stored part by part, and put together at the
 * end, so that another attempt can go on behind the last part, to the same bytes. The parts are left to the caller.
 * @throws LimitExceededError past `maxBytes`
 */
export async function storeInParts(options: StoreInParts): Promise<StoredObject> {
  const { storage, sections, from, key, partKey, maxBytes, partBytes, signal, onPart } = options;
  const parts = [...(from?.parts ?? [])];
  let pieces: Buffer[] = [];
  let byteSize = 0;
  for await (const { text, next } of readSections(sections, from?.next)) {
    pieces.push(Buffer.from(text));
    byteSize += pieces.at(-1)?.length ?? 0;
    if (byteSize < partBytes) continue;
    const part = { key: partKey(parts.length + 1), byteSize };
    // What does not fit the whole file need not be stored.
    const left = maxBytes - parts.reduce((sum, each) => sum + each.byteSize, 0);
    await storage.put(part.key, Readable.from(pieces), { maxBytes: left, signal });
    parts.push(part);
    pieces = [];
    byteSize = 0;
    try {
      await onPart({ next, parts });
    } catch (error) {
      await storage.delete(part.key);
      throw error;
    }
  }
  return await storage.put(key, Readable.from(joined(storage, parts, pieces)), { maxBytes, signal });
}

async function* joined(storage: Storage, parts: ExportCheckpoint['parts'], rest: Buffer[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield* await storage.get(part.key);
  yield* rest;
}
