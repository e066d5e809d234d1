import type { Database } from '../../database/database.ts';
import { JobEntity } from '../../database/entities/job.ts';
import type { EarlierJobSource } from '../../domain/job.ts';
import { isTable } from '../../domain/upload-format.ts';
import type { ItemEstimate } from '../../job-types/define-job-type.ts';
import { createItemValidator } from '../../job-types/validate-item.ts';
import { createColumnMapping } from '../../sources/map-columns.ts';
import { sampleSource } from '../../sources/sample-source.ts';
import type { Viewer } from '../commands.ts';
import type { PeekSource } from '../peek-source.ts';
import { countItems } from './count-items.ts';
import type { EstimatedJob } from './estimated-job.ts';
import { guessItems } from './guess-items.ts';
import { exactly, type Estimated } from './job-estimate.ts';

/** Items that a guess looks at. */
const keptItems = 200;
/** A source with fewer items is counted. */
const readItems = 10_000;

export interface SourceLook {
  items: Estimated | null;
  /** What its first items are guessed to take; none for a job type that guesses nothing. */
  guesses: ItemEstimate[];
}

/** Counts the items of a source and looks at the first of them. @throws DomainError when it cannot be read */
export async function lookAtSource(
  { database, peekSource }: { database: Database; peekSource: PeekSource },
  { viewer, jobType, options, command, upload }: EstimatedJob,
  timeoutMs: number,
): Promise<SourceLook> {
  const peeked = await peekSource(viewer, command.source, { purpose: 'ESTIMATE', timeoutMs });
  try {
    const { source, storage } = peeked;
    const sample = await sampleSource(
      source,
      { storage, fields: jobType.fieldNames },
      { keep: keptItems, read: command.source.kind === 'job' ? keptItems : readItems },
    );
    const items =
      command.source.kind === 'job'
        ? await countEarlier(database, viewer, command.source)
        : countItems(peeked, sample, upload?.lineCount ?? null);
    const origin = source.kind === 'upload' && isTable(source.format) ? 'TEXT' : 'TYPED';
    const validate = createItemValidator(jobType, command.validation, origin);
    const toFields = createColumnMapping(sample.matched);
    const valid = sample.rows.flatMap(({ raw, problem }) => {
      const checked = problem ? null : validate(toFields(raw));
      return checked?.ok ? [checked.item] : [];
    });
    return { items, guesses: guessItems(jobType, options, valid) };
  } finally {
    await peeked.close();
  }
}

async function countEarlier(
  database: Database,
  { projectId }: Viewer,
  { jobId, items }: EarlierJobSource,
): Promise<Estimated | null> {
  const earlier = await database
    .em()
    .findOne(JobEntity, { id: jobId, projectId }, { fields: ['total', 'failed', 'succeeded'] });
  if (!earlier) return null;
  return exactly({ ALL: earlier.total, FAILED: earlier.failed, OUTPUTS: earlier.succeeded }[items], 'MEASURED');
}
