import { readdir, readFile } from 'node:fs/promises';
import protos from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { describe, expect, inject, test } from 'vitest';
import pino from 'pino';
import type { NextStep } from '../../src/domain/activities.ts';
import { logTemporal } from '../../src/temporal/runtime-log.ts';
import * as workflows from '../../workflows/index.ts';

logTemporal(pino({ level: 'silent' }));

const folder = new URL('./histories/', import.meta.url);
const recorded = await Promise.all(
  (await readdir(folder)).map(async (file) => ({
    file,
    history: protos.temporal.api.history.v1.History.decode(await readFile(new URL(file, folder))),
  })),
);

const stepKinds = Object.keys({
  INGEST: true,
  CHUNKS: true,
  PARTITIONS: true,
  DRAIN: true,
  ONCE: true,
  EXPORTS: true,
  WRITE_BACK: true,
  WAIT: true,
  END: true,
} satisfies Record<NextStep['kind'], true>);

describe('recorded histories', () => {
  test.each(recorded)('$file replays on the present code', async ({ history }) => {
    const replay = Worker.runReplayHistory({ workflowBundle: { codePath: inject('workflowBundlePath') } }, history);
    await expect(replay).resolves.toBeUndefined();
  });

  test('one that the code does not fit is refused', async () => {
    const { history } = recorded.find(({ file }) => file === 'create-export.history') ?? {};
    const scheduled = history?.events.find((event) => event.activityTaskScheduledEventAttributes);
    if (!history || !scheduled?.activityTaskScheduledEventAttributes) throw new Error('No activity was recorded.');
    const other = { ...scheduled.activityTaskScheduledEventAttributes, activityType: { name: 'cleanUp' } };
    const changed = { ...scheduled, activityTaskScheduledEventAttributes: other };
    const events = history.events.map((event) => (event === scheduled ? changed : event));
    const bundle = { codePath: inject('workflowBundlePath') };
    const replay = Worker.runReplayHistory({ workflowBundle: bundle }, { events });
    await expect(replay).rejects.toThrow('Nondeterminism');
  });

  // What is lacking is recorded by `npm run histories`.
  test.each(Object.keys(workflows))('there are some of %s', (workflow) => {
    const types = recorded.map(
      ({ history }) => history.events[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name,
    );
    expect(types).toContain(workflow);
  });

  test.each(stepKinds)('in some a job is told to %s', (kind) => {
    const answers = recorded.flatMap(({ history }) =>
      history.events.flatMap(({ activityTaskCompletedEventAttributes: completed }) =>
        (completed?.result?.payloads ?? []).map(({ data }) => Buffer.from(data ?? []).toString()),
      ),
    );
    expect(answers.filter((answer) => answer.includes(`"kind":"${kind}"`))).not.toEqual([]);
  });

  test('in some a workflow continues as new', () => {
    const ends = recorded.map(({ history }) => history.events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes);
    expect(ends.filter(Boolean)).not.toEqual([]);
  });
});
