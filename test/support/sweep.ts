import { cleanUp } from '../../src/activities/clean-up.ts';
import type { TestEngine } from './engine.ts';

/** All that clean-up finds, batch by batch. */
export async function sweep({ config, services }: TestEngine): Promise<void> {
  for (let isDone = false; !isDone;) isDone = await cleanUp({ ...services, config });
}

/** What nobody names by now is old enough to be swept. */
export async function ageTemplateFiles({ services }: TestEngine): Promise<void> {
  await services.database.pool.query(`update template_files set created_at = now() - interval '2 hours'`);
}
