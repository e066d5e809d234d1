import { expect, test } from 'vitest';
import { jobStates, type JobState } from './job-state.ts';
import { nextSteps, tips, type NextStepsFacts } from './next-steps.ts';

const facts: NextStepsFacts = {
  jobId: 'Sm9iOjE=',
  state: 'RUNNING',
  lastSequence: 7,
  failed: 0,
  pollAfterMs: 2_500,
  isRefused: false,
  areItemsDeleted: false,
};

test('a job that goes on by itself can be followed', () => {
  expect(nextSteps(facts)).toMatchInlineSnapshot(`
    [
      "Follow it live: subscription { jobProgress(jobId: "Sm9iOjE=") { message } }.",
      "Miss nothing after a cut connection: subscription { jobEvents(jobId: "Sm9iOjE=", afterSequence: "7") { sequence } }.",
      "Or ask for the job again in 2.5 seconds.",
    ]
  `);
});

test('every state that goes on by itself has the same next steps', () => {
  const states: JobState[] = ['PENDING', 'PAUSING', 'COMPLETING', 'CANCELING'];
  for (const state of states) expect(nextSteps({ ...facts, state })).toEqual(nextSteps(facts));
});

test('a job whose items are gone says what is left of it', () => {
  const steps = nextSteps({ ...facts, state: 'COMPLETED', failed: 3, pollAfterMs: null, areItemsDeleted: true });
  expect(steps).toEqual([expect.stringContaining('Job.aggregates, Job.events and finished exports are still there')]);
});

test('without a poll interval only the subscriptions are named', () => {
  expect(nextSteps({ ...facts, pollAfterMs: null })).toHaveLength(2);
});

test('a job that stands still says what its owner can do', () => {
  const still = { ...facts, pollAfterMs: null };
  expect({
    PAUSED: nextSteps({ ...still, state: 'PAUSED' }),
    COMPLETED: nextSteps({ ...still, state: 'COMPLETED' }),
    'COMPLETED with failures': nextSteps({ ...still, state: 'COMPLETED', failed: 1_000 }),
    CANCELED: nextSteps({ ...still, state: 'CANCELED' }),
    FAILED: nextSteps({ ...still, state: 'FAILED' }),
    'FAILED with one item': nextSteps({ ...still, state: 'FAILED', failed: 1 }),
    REFUSED: nextSteps({ ...still, state: 'FAILED', isRefused: true }),
  }).toMatchInlineSnapshot(`
    {
      "CANCELED": [
        "Read Job.items: what had ended before the cancellation is kept.",
        "Submit a new job for the rest.",
      ],
      "COMPLETED": [
        "Read Job.aggregates for the totals, Job.items for each result.",
        "Take the results away with createExport(input: { jobId: "Sm9iOjE=", format: CSV, content: ITEMS }).",
      ],
      "COMPLETED with failures": [
        "Read Job.aggregates for the totals, Job.items for each result.",
        "Take the results away with createExport(input: { jobId: "Sm9iOjE=", format: CSV, content: ITEMS }).",
        "Read Job.failures: the failed items, grouped by error.",
        "Run the 1,000 failed items again with retryJob(input: { jobId: "Sm9iOjE=" }).",
      ],
      "FAILED": [
        "Run it again with retryJob(input: { jobId: "Sm9iOjE=" }).",
      ],
      "FAILED with one item": [
        "Read Job.failures: the failed items, grouped by error.",
        "Run the failed item again with retryJob(input: { jobId: "Sm9iOjE=" }).",
      ],
      "PAUSED": [
        "Go on with resumeJob(input: { jobId: "Sm9iOjE=" }), or end it with cancelJob.",
      ],
      "REFUSED": [
        "Read Job.problems, correct the source and submit it again.",
      ],
    }
  `);
});

test('a job that a guard rail paused says what goes on from there', () => {
  const paused = { ...facts, state: 'PAUSED' as const, pollAfterMs: null };
  expect({
    APPROVAL: nextSteps({ ...paused, pauseReason: 'APPROVAL' }),
    BREAKER: nextSteps({ ...paused, pauseReason: 'BREAKER' }),
    BUDGET: nextSteps({ ...paused, pauseReason: 'BUDGET' }),
    PROVIDER: nextSteps({ ...paused, pauseReason: 'PROVIDER' }),
    USER: nextSteps({ ...paused, pauseReason: 'USER' }),
    WINDOW: nextSteps({ ...paused, pauseReason: 'WINDOW' }),
  }).toMatchInlineSnapshot(`
    {
      "APPROVAL": [
        "Read Job.guardRails.canary for its error rate and what the whole job comes to.",
        "Let the others run with approveJob(input: { jobId: "Sm9iOjE=" }), or end it with cancelJob.",
      ],
      "BREAKER": [
        "Read Job.failures: the failed items, grouped by error.",
        "Go on with resumeJob(input: { jobId: "Sm9iOjE=" }), or end it with cancelJob.",
      ],
      "BUDGET": [
        "Raise its budget with updateJobLimits(input: { jobId: "Sm9iOjE=", budget: … }).",
        "Go on with resumeJob(input: { jobId: "Sm9iOjE=" }), or end it with cancelJob.",
      ],
      "PROVIDER": [
        "Go on with resumeJob(input: { jobId: "Sm9iOjE=" }), or end it with cancelJob.",
      ],
      "USER": [
        "Go on with resumeJob(input: { jobId: "Sm9iOjE=" }), or end it with cancelJob.",
      ],
      "WINDOW": [
        "It goes on by itself; change the window with updateJobLimits, or end it with cancelJob.",
      ],
    }
  `);
});

test('a state that the types rule out is a bug', () => {
  expect(() => nextSteps({ ...facts, state: JSON.parse('"BROKEN"') })).toThrow('Unexpected value: "BROKEN"');
});

test('tips depend on the state and the size of the job', () => {
  const small = (state: JobState) => tips({ state, total: 10, hasKey: true, estimatedDurationMs: null });
  expect(Object.fromEntries(jobStates.map((state) => [state, small(state)]))).toMatchInlineSnapshot(`
    {
      "CANCELED": [
        "deleteJob frees the space of a job that you no longer need.",
      ],
      "CANCELING": [],
      "COMPLETED": [
        "deleteJob frees the space of a job that you no longer need.",
      ],
      "COMPLETING": [],
      "FAILED": [],
      "PAUSED": [],
      "PAUSING": [],
      "PENDING": [],
      "RUNNING": [
        "Results can be read from Job.items while the job is running.",
      ],
    }
  `);
  expect(tips({ state: 'PENDING', total: 100_000, hasKey: false, estimatedDurationMs: 120_000 }))
    .toMatchInlineSnapshot(`
    [
      "It should take about 2 minutes.",
      "Send an idempotencyKey: repeating the submit after a lost answer then gives the same job.",
      "A large job can be paused and resumed at any time; nothing that has ended runs again.",
    ]
  `);
});

test('a wait of one second is called so', () => {
  const steps = nextSteps({
    jobId: 'j',
    state: 'RUNNING',
    lastSequence: 1,
    failed: 0,
    pollAfterMs: 1_000,
    isRefused: false,
    areItemsDeleted: false,
  });
  expect(steps.at(-1)).toBe('Or ask for the job again in a second.');
});
