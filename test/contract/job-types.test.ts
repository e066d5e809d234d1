import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobTypes } from '../../src/job-types/registry.ts';
import { workOutside } from '../support/outside-worker.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';

let engine: TestEngine;

beforeAll(async () => {
  engine = await createTestEngine();
  await engine.startWorker();
});
afterAll(() => engine.close());

describe.each(jobTypes)('job type $name', (jobType) => {
  test('has names that the schema can derive from', () => {
    expect(jobType.name).toMatch(/^[a-z][A-Za-z]+$/);
    expect(jobType.itemName).toMatch(/^[A-Z][A-Za-z]+$/);
    const names = jobType.stages.map(({ name }) => name);
    expect(new Set([...names, 'INGEST']).size).toBe(names.length + 1);
    for (const name of names) expect(name).toMatch(/^[A-Z_]+$/);
  });

  test('stores items that it reads again as the same', () => {
    for (const item of jobType.example.items) {
      const parsed = jobType.item.parse(item);
      expect(jobType.item.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
    }
  });

  test('takes the options that it stored, as another version of it will', () => {
    const parsed = jobType.options.parse(jobType.example.options);
    expect(jobType.options.parse(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  });

  test('runs its example to the end, with outputs and aggregates of the shapes that it declares', async () => {
    const { job: submitted } = await engine.services.jobs.submitJob(engine.viewer, {
      title: `Example of ${jobType.title}`,
      type: jobType.name,
      options: jobType.example.options,
      source: { kind: 'inline', items: jobType.example.items },
      priority: 'NORMAL',
      chunkPriority: 5,
      chunkSize: 1,
      validation: 'STRICT',
      idempotencyKey: null,
      metadata: {},
      estimatedMinutes: null,
      exports: [{ format: 'ZIP', content: 'ALL' }],
    });
    if (jobType.externalStages) await workOutside(engine, submitted.id);
    const job = await engine.reach(submitted.id, 'COMPLETED', 'FAILED');
    expect(job.state).toBe('COMPLETED');
    expect(job.total).toBe(jobType.example.items.length);
    jobType.aggregates.parse(job.aggregates);
    const { rows } = await engine.services.database.pool.query<{ output: unknown }>(
      `select output from item_results where job_id = $1 and state in ('SUCCEEDED', 'SKIPPED')`,
      [job.id],
    );
    for (const { output } of rows) jobType.output.parse(output);
    const [made] = await engine.services.exports.listExports([job.id]);
    expect(made).toMatchObject({ state: 'COMPLETED', percent: 100 });
  });
});
