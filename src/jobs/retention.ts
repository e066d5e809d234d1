import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { ProjectEntity } from '../database/entities/project.ts';
import { InvalidInputError } from '../domain/errors.ts';
import {
  findPeriodProblem,
  hoursToMs,
  retained,
  toRetention,
  type Retained,
  type Retention,
} from '../domain/retention.ts';
import type { Viewer } from './commands.ts';

export type { Retention };

/** Hours; null: the installation's default; what is left out stays. */
export type RetentionChange = { [Kind in Retained]?: number | null | undefined };

/** How long things of a project are kept. Clean-up goes by it. */
export interface RetentionSettings {
  findRetention(viewer: Viewer): Promise<Retention>;
  /** Holds at once for jobs and items; for exports and uploads that are made from now on. @throws InvalidInputError */
  updateRetention(viewer: Viewer, change: RetentionChange): Promise<Retention>;
}

export interface RetentionDeps {
  database: Database;
  config: Pick<Config, 'jobTtlMs' | 'itemTtlMs' | 'exportTtlMs' | 'uploadTtlMs'>;
}

const columns = {
  jobs: 'jobTtlMs',
  items: 'itemTtlMs',
  exports: 'exportTtlMs',
  uploads: 'uploadTtlMs',
} as const satisfies Record<Retained, string>;

/** What projects say, over the installation's defaults. */
export function createRetentionSettings({ database, config }: RetentionDeps): RetentionSettings {
  const defaults = {
    jobs: config.jobTtlMs,
    items: config.itemTtlMs,
    exports: config.exportTtlMs,
    uploads: config.uploadTtlMs,
  };

  async function findRetention({ projectId }: Viewer): Promise<Retention> {
    const project = await database.em().findOneOrFail(ProjectEntity, { id: projectId });
    const own = (kind: Retained) => project[columns[kind]] ?? null;
    return toRetention(
      { jobs: own('jobs'), items: own('items'), exports: own('exports'), uploads: own('uploads') },
      defaults,
    );
  }

  return {
    findRetention,
    async updateRetention(viewer, change) {
      const issues = retained.flatMap((kind) => {
        const hours = change[kind] ?? null;
        const message = hours === null ? null : findPeriodProblem(hours);
        return message === null ? [] : [{ path: [kind], message, row: null, field: kind }];
      });
      const [first] = issues;
      if (first) throw new InvalidInputError(`${first.field} ${first.message}.`, issues);
      const values = retained.flatMap((kind) => {
        const hours = change[kind];
        return hours === undefined ? [] : [[columns[kind], hours === null ? null : hoursToMs(hours)]];
      });
      if (values.length > 0) {
        await database.em().nativeUpdate(ProjectEntity, { id: viewer.projectId }, Object.fromEntries(values));
      }
      return await findRetention(viewer);
    },
  };
}
