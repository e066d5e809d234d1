import { NotFoundError } from '../src/domain/errors.ts';
import type { ChunkRef } from '../src/domain/activities.ts';

export type NodeType = 'Job' | 'Chunk' | 'Export' | 'Upload' | 'Destination' | 'Template';

/** What has an id and is no Node. */
type PlainType = 'ApiKey' | 'GoogleAccount';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The id that clients see: base64 of "Type:local id", as Relay's own examples have it. */
export function toGlobalId(type: NodeType | 'Item' | PlainType, localId: string): string {
  return Buffer.from(`${type}:${localId}`).toString('base64');
}

/** Null when the text is no id of ours. */
export function parseGlobalId(id: string): { type: string; localId: string } | null {
  const match = /^([A-Za-z]+):(.+)$/.exec(Buffer.from(id, 'base64').toString('utf8'));
  const [, type, localId] = match ?? [];
  return type === undefined || localId === undefined ? null : { type, localId };
}

/** The UUID behind a global id of this type, or the UUID itself, which people paste from logs and links; null for anything else. */
export function findUuid(type: NodeType | PlainType, id: string): string | null {
  const parsed = parseGlobalId(id);
  const candidate = parsed?.type === type ? parsed.localId : id.trim();
  return uuid.test(candidate) ? candidate.toLowerCase() : null;
}

/** @throws NotFoundError, since a malformed id names nothing. For fields whose result can be an error. */
export function getUuid(type: NodeType | PlainType, id: string): string {
  const found = findUuid(type, id);
  if (found === null) throw new NotFoundError(`There is no ${wordsOf(type)} ${JSON.stringify(id.slice(0, 100))}.`);
  return found;
}

/** "GoogleAccount" → "google account" */
function wordsOf(type: string): string {
  return type.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}

/** Names a chunk within the installation: job, stage, generation, index. */
export function chunkLocalId(chunk: ChunkRef): string {
  return [chunk.jobId, chunk.stage, chunk.generation, chunk.index].join('/');
}

/** The chunk that such an id names; null when it is malformed. */
export function parseChunkLocalId(localId: string): ChunkRef | null {
  const match = /^([^/]+)\/(\d{1,4})\/(\d{1,9})\/(\d{1,9})$/.exec(localId);
  const [, jobId, stage, generation, index] = match ?? [];
  if (jobId === undefined || !uuid.test(jobId)) return null;
  return { jobId: jobId.toLowerCase(), stage: Number(stage), generation: Number(generation), index: Number(index) };
}

/** @throws NotFoundError, since a malformed id names nothing. For fields whose result can be an error. */
export function getChunkRef(id: string): ChunkRef {
  const parsed = parseGlobalId(id);
  const found = parsed?.type === 'Chunk' ? parseChunkLocalId(parsed.localId) : null;
  if (found === null) throw new NotFoundError(`There is no chunk ${JSON.stringify(id.slice(0, 100))}.`);
  return found;
}

/** The index behind the global id of an item of this job; null for anything else. */
export function findItemIndex(jobId: string, id: string): number | null {
  const parsed = parseGlobalId(id);
  const match = /^([^/]+)\/(\d{1,15})$/.exec(parsed?.type === 'Item' ? parsed.localId : '');
  const [, owner, index] = match ?? [];
  return owner === jobId ? Number(index) : null;
}
