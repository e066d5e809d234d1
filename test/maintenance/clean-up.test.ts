import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client, Connection } from '@temporalio/client';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cleanUp } from '../../src/activities/clean-up.ts';
import { UploadEntity } from '../../src/database/entities/upload.ts';
import { ExportEntity, type Export } from '../../src/database/entities/export.ts';
import { defaultLimits } from '../../src/domain/limits.ts';
import { createQuotas } from '../../src/limits/quotas.ts';
import { newId } from '../../src/database/new-id.ts';
import type { JobState } from '../../src/domain/job-state.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { exportFileKey } from '../../src/exports/storage-key.ts';
import { uploadKey } from '../../src/sources/source-file.ts';
import { maintenanceScheduleId, scheduleMaintenance } from '../../src/temporal/schedule-maintenance.ts';
import { seedReadingJob } from '../support/seed-reading-job.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { waitFor } from '../support/wait-for.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
});
afterAll(() => engine.close());

const minute = 60_000;

async function seedExport(jobId: string, expiresInMs: number): Promise<Export> {
  const { database, storage } = engine.services;
  const seeded = {
    id: newId(),
    jobId,
    projectId: engine.viewer.projectId,
    format: 'CSV',
    content: 'ITEMS',
    state: 'COMPLETED',
    attempt: 1,
    expiresAt: new Date(Date.now() + expiresInMs),
  } as const;
  await database.em().insert(ExportEntity, seeded);
  await storage.put(exportFileKey(seeded), Readable.from(['x']));
  return await getExport(seeded.id);
}

async function getExport(id: string): Promise<Export> {
  const found = await engine.services.exports.findExport(engine.viewer, id);
  if (!found) throw new Error(`Export ${id} is gone.`);
  return found;
}

async function seedUpload(expiresInMs: number, reader?: JobState): Promise<string> {
  const { database, storage } = engine.services;
  const { projectId } = engine.viewer;
  const id = newId();
  const expiresAt = new Date(Date.now() + expiresInMs);
  await database.em().insert(UploadEntity, { id, projectId, fileName: 'a.csv', receivedAt: new Date(), expiresAt });
  await storage.put(uploadKey(id), Readable.from(['x']));
  const source = { kind: 'upload', uploadId: id, format: 'CSV' } as const;
  if (reader) await seedReadingJob(database, { projectId, state: reader, source });
  return id;
}

const endedJob = () =>
  seedReadingJob(engine.services.database, { projectId: engine.viewer.projectId, state: 'COMPLETED' });

async function cleanEverything(limit?: number): Promise<number> {
  for (let calls = 1; ; calls += 1)
    if (await cleanUp({ ...engine.services, config: engine.config }, limit)) return calls;
}

async function journal(jobId: string) {
  const { rows } = await engine.services.database.pool.query<{ sequence: number; type: string; data: unknown }>(
    'select sequence::int, type, data from job_events where job_id = $1 order by sequence',
    [jobId],
  );
  return rows;
}

describe('the clean-up', () => {
  it('deletes the files of exports whose time is over, and says so in the journal, once', async () => {
    const jobId = await endedJob();
    const expired = await seedExport(jobId, -minute);
    const valid = await seedExport(jobId, minute);
    await cleanEverything();
    await cleanEverything();

    const { exports, storage } = engine.services;
    const after = await getExport(expired.id);
    expect([after.state, exports.downloadUrl(after)]).toEqual(['EXPIRED', null]);
    expect(await storage.head(exportFileKey(expired))).toBeNull();
    expect((await getExport(valid.id)).state).toBe('COMPLETED');
    expect(await storage.head(exportFileKey(valid))).toEqual({ byteSize: 1 });
    expect(await journal(jobId)).toEqual([
      { sequence: 1, type: 'ExportExpired', data: { exportId: expired.id, format: 'CSV' } },
    ]);
  });

  it('leaves an expired export to be deleted by hand', async () => {
    const { id } = await seedExport(await endedJob(), -minute);
    await cleanEverything();
    await engine.services.exports.deleteExport(engine.viewer, id);
    expect(await engine.services.exports.findExport(engine.viewer, id)).toBeNull();
  });

  it('goes on where a crash between file and row stopped it', async () => {
    const expired = await seedExport(await endedJob(), -minute);
    await engine.services.storage.delete(exportFileKey(expired));
    await cleanEverything();
    expect((await getExport(expired.id)).state).toBe('EXPIRED');
  });

  it('deletes quotas that are whole again, and they are whole when they are used next', async () => {
    const { database } = engine.services;
    const quotas = createQuotas({ database, limits: { ...defaultLimits, submitsPerHour: 3, requestsPerMinute: 5 } });
    await quotas.spend(engine.viewer, 'SUBMITS', 3);
    await quotas.spend(engine.viewer, 'REQUESTS', 1);
    await database.pool.query(`update quotas set at = at - interval '61 minutes' where name = 'SUBMITS'`);
    await cleanEverything();
    const { rows } = await database.pool.query('select name from quotas');
    expect(rows).toEqual([{ name: 'REQUESTS' }]);
    expect(await quotas.spend(engine.viewer, 'SUBMITS')).toMatchObject({ remaining: 2 });
  });

  it('takes a bounded number at a time', async () => {
    const jobId = await endedJob();
    for (let count = 0; count < 5; count += 1) await seedExport(jobId, -minute);
    expect(await cleanEverything(2)).toBe(3);
    expect(await journal(jobId)).toHaveLength(5);
  });

  it.each<[string, number, JobState | undefined, boolean]>([
    ['keeps an upload whose time is not over', minute, undefined, true],
    ['deletes an upload that no job read', -minute, undefined, false],
    ['deletes an upload that a finished job read', -minute, 'COMPLETED', false],
    ['keeps an upload that a running job reads', -minute, 'RUNNING', true],
    ['keeps an upload that a paused job reads', -minute, 'PAUSED', true],
  ])('%s', async (_, expiresInMs, reader, stays) => {
    const id = await seedUpload(expiresInMs, reader);
    await cleanEverything();
    const { uploads, storage } = engine.services;
    const found = await uploads.findUpload(engine.viewer, id);
    const file = await storage.head(uploadKey(id));
    expect([found !== null, file !== null]).toEqual([stays, stays]);
  });

  it('passes an upload over while a job is being submitted over it', async () => {
    const { database, uploads } = engine.services;
    const id = await seedUpload(-minute);
    await database.transaction(async (client) => {
      await client.query('select from uploads where id = $1 for share', [id]);
      await cleanEverything();
    });
    expect(await uploads.findUpload(engine.viewer, id)).not.toBeNull();
  });

  it('deletes what a writer that died left half-written', async () => {
    const { storage } = engine.services;
    await storage.put('uploads/whole', Readable.from(['x']));
    const partial = join(engine.config.dataDir, 'storage', 'uploads', '.partial-old');
    await writeFile(partial, 'half');
    const yesterday = new Date(Date.now() - 24 * 60 * minute);
    await utimes(partial, yesterday, yesterday);
    await cleanEverything();
    await expect(utimes(partial, yesterday, yesterday)).rejects.toThrow('ENOENT');
  });
});

describe('the maintenance schedule', () => {
  it('is made once by any number of workers, and expires an export', async () => {
    await Promise.all([engine.startWorker(), engine.startWorker()]);
    const { client } = engine.services.temporal;
    const schedule = client.schedule.getHandle(maintenanceScheduleId(engine.config.temporal.taskQueue));
    const { spec, policies } = await waitFor(() => schedule.describe().catch(() => null), {
      description: 'the schedule',
    });
    expect([spec.intervals?.[0]?.every, policies.overlap]).toEqual([10 * minute, 'SKIP']);

    const { id } = await seedExport(await endedJob(), -minute);
    await schedule.trigger();
    await waitFor(async () => (await getExport(id)).state === 'EXPIRED', { description: 'the export to expire' });
  });

  it('is tried for while Temporal is down, until the worker stops', async () => {
    const connection = Connection.lazy({ address: `127.0.0.1:${await pickPort(0)}`, connectTimeout: 100 });
    const stop = new AbortController();
    const failures: string[] = [];
    const watched = pino({}, { write: (line: string) => void failures.push(line) });
    const trying = scheduleMaintenance({
      client: new Client({ connection }),
      taskQueue: 'nobody',
      log: watched,
      signal: stop.signal,
    });
    await waitFor(() => failures.length > 0, { description: 'a failed try' });
    stop.abort();
    await expect(trying).resolves.toBeUndefined();
    await connection.close();
  });
});
