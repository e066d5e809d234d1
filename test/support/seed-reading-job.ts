import type { Database } from '../../src/database/database.ts';
import { JobEntity } from '../../src/database/entities/job.ts';
import { StageEntity } from '../../src/database/entities/stage.ts';
import { newId } from '../../src/database/new-id.ts';
import type { StoredSource, ValidationLevel } from '../../src/domain/job.ts';
import type { JobState } from '../../src/domain/job-state.ts';

export interface ReadingJob {
  projectId: string;
  type?: string;
  title?: string;
  source?: StoredSource;
  validation?: ValidationLevel;
  state?: JobState;
}

/** A running job whose first stage has begun, as the workflow leaves it before it ingests. */
export async function seedReadingJob(database: Database, seed: ReadingJob): Promise<string> {
  const id = newId();
  const em = database.em();
  await em.insert(JobEntity, {
    id,
    projectId: seed.projectId,
    inputHash: '',
    type: seed.type ?? 'transactions',
    title: seed.title ?? 'Bookings of May',
    state: seed.state ?? 'RUNNING',
    priority: 'NORMAL',
    chunkPriority: 5,
    validation: seed.validation ?? 'MODERATE',
    options: {},
    metadata: {},
    source: seed.source ?? { kind: 'inline', items: [] },
    currentStage: 'INGEST',
  });
  await em.insert(StageEntity, {
    jobId: id,
    position: 0,
    name: 'INGEST',
    kind: 'INGEST',
    state: 'RUNNING',
    metadata: {},
  });
  return id;
}
