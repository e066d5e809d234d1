import type { Database } from '../../database/database.ts';
import type { Job } from '../../database/entities/job.ts';
import { StageEntity } from '../../database/entities/stage.ts';
import type { ItemRow } from '../../database/sql/reads/item-row.ts';
import { readEndedItems } from '../../database/sql/reads/read-ended-items.ts';
import { readItems, type ItemFront, type ItemRange } from '../../database/sql/reads/read-items.ts';
import { readOpenItems, readUnchunkedItems, type OpenState } from '../../database/sql/reads/read-open-items.ts';
import { readOpenKeyedItems } from '../../database/sql/reads/read-open-keyed-items.ts';
import { finalItemStates, type FinalItemState, type ItemState } from '../../domain/item-counts.ts';
import { isKeyed } from '../is-keyed.ts';
import { laneOf } from '../lane.ts';
import { toItemView, type ItemView } from './item-view.ts';
import { toPage, type Page, type PageRequest } from './page.ts';

/** Null lets all through. An error code or fingerprint lets only failed items through. */
export interface ItemFilter {
  states: readonly ItemState[] | null;
  errorCode: string | null;
  fingerprint: string | null;
}

/** Items of a job in the order of their indexes. A page costs the same at any depth; the cursor is the last index. */
export async function listItems(
  database: Database,
  job: Job,
  filter: ItemFilter,
  request: PageRequest<number>,
): Promise<Page<ItemView>> {
  if (job.itemsDeletedAt) return toPage([], request);
  const range: ItemRange = { jobId: job.id, after: request.after ?? -1, limit: request.limit + 1 };
  const rows = await readRows(database, job, filter, range);
  return toPage(
    rows.map((row) => toItemView(job, row)),
    request,
  );
}

async function readRows(database: Database, job: Job, filter: ItemFilter, range: ItemRange): Promise<ItemRow[]> {
  const isError = filter.errorCode !== null || filter.fingerprint !== null;
  if (filter.states === null && !isError) return await readItems(database.pool, range, await findFront(database, job));

  const wanted = new Set(filter.states ?? ['FAILED' as const]);
  const ended = (isError ? (['FAILED'] as const) : finalItemStates).filter((state) => wanted.has(state));
  const open = isError ? [] : openStates(job, wanted);
  const pages = await Promise.all([readEnded(database, range, filter, ended), readOpen(database, job, range, open)]);
  return pages
    .flat()
    .sort((a, b) => Number(a.index) - Number(b.index))
    .slice(0, range.limit);
}

async function readEnded(
  database: Database,
  range: ItemRange,
  filter: ItemFilter,
  states: readonly FinalItemState[],
): Promise<ItemRow[]> {
  if (states.length === 0) return [];
  return await readEndedItems(database.pool, range, { ...filter, states });
}

async function readOpen(
  database: Database,
  job: Job,
  range: ItemRange,
  states: readonly OpenState[],
): Promise<ItemRow[]> {
  if (states.length === 0) return [];
  const front = await findFront(database, job);
  const readChunked = isKeyed(job) ? readOpenKeyedItems : readOpenItems;
  const rows = front
    ? await readChunked(database.pool, range, front, states)
    : await readUnchunkedItems(database.pool, range).then((found) => (states.includes('PENDING') ? found : []));
  return job.state === 'CANCELED' ? rows.map((row) => ({ ...row, state: 'CANCELED' as const })) : rows;
}

/** Items of a canceled job that have no result are CANCELED; in any other job none is. */
function openStates(job: Job, wanted: ReadonlySet<ItemState>): readonly OpenState[] {
  if (job.state === 'CANCELED') return wanted.has('CANCELED') ? ['PENDING', 'RUNNING'] : [];
  return (['PENDING', 'RUNNING'] as const).filter((state) => wanted.has(state));
}

/** The furthest ITEMS stage that has begun in the job's generation; null while items are read or selected. */
async function findFront(database: Database, job: Job): Promise<ItemFront | null> {
  const stages = await database
    .em()
    .find(StageEntity, { jobId: job.id, kind: 'ITEMS' }, { orderBy: { position: 'asc' } });
  const front = stages.findLast((stage) => stage.generation === job.generation && stage.startedAt !== null);
  if (!front) return null;
  const first = laneOf({ job, stages }, front)[0] ?? front;
  return {
    stage: front.position,
    firstStage: first.position,
    generation: front.generation,
    isLast: front === stages.at(-1),
  };
}
