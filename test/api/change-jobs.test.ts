import { parse, subscribe } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Context, Services } from '../../schema/context.ts';
import { toGlobalId } from '../../schema/global-id.ts';
import { schema } from '../../schema/schema.ts';
import { ConflictError, InvalidInputError, NotFoundError } from '../../src/domain/errors.ts';
import type { JobEvent } from '../../src/domain/job-event.ts';
import type { Job } from '../../src/jobs/reads/job-reads.ts';
import type { SubmitJobCommand } from '../../src/jobs/commands.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { createTestProject, type TestViewer } from '../support/project.ts';
import { createContext, query } from '../support/graphql-context.ts';
import { seedJob } from '../support/seed-job.ts';

let db: TestDatabase;
let viewer: TestViewer;
let job: Job;
let base: Context;

beforeAll(async () => {
  db = await createTestDatabase();
  viewer = await createTestProject(db.database);
  base = createContext(db.database, viewer);
  const found = await base.services.reads.findJob(
    viewer,
    await seedJob(db.database, viewer, { state: 'RUNNING', total: 10, ended: 5, chunkSize: 5 }),
  );
  if (!found) throw new Error('The seeded job is not there.');
  job = found;
});

afterAll(() => db.close());

const upload = {
  id: '018f0000-0000-7000-8000-0000000000aa',
  projectId: '',
  fileName: 'bookings.csv.gz',
  sha256: null,
  byteSize: null,
  lineCount: null,
  createdAt: new Date(0),
  receivedAt: null,
  expiresAt: new Date(8.64e15),
};

const submit = `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { __typename
  ... on SubmitJobPayload { job { id } created estimatedDurationMs nextSteps tips }
  ... on Error { message code }
  ... on InvalidInputError { issues { path message row field } }
  ... on ConflictError { state allowedActions } } }`;

/** Runs submitJob and gives the command that the use case got beside the answer. */
async function submitted(input: object, file: { fileName: string } | null = upload) {
  const commands: SubmitJobCommand[] = [];
  const services: Partial<Services> = {
    jobs: {
      ...base.services.jobs,
      submitJob: async (_, command) => {
        commands.push(command);
        const durationMs = { expected: 5_000, least: 4_000, most: 6_000, basis: 'MEASURED' as const };
        return {
          job,
          created: true,
          estimate: async () => ({
            items: null,
            queue: null,
            durationMs,
            cost: null,
            storageBytes: null,
            warnings: [],
          }),
        };
      },
    },
    uploads: { ...base.services.uploads, findUpload: async () => (file ? { ...upload, ...file } : null) },
  };
  const answer = await query(createContext(db.database, viewer, services), submit, { input });
  return { answer, command: commands[0] };
}

const inline = { title: 'Books', spec: { transactions: {} }, source: { inline: { items: [{ a: 1 }] } } };

test('submitJob fills in what the input leaves out and answers how to follow the job', async () => {
  const { answer, command } = await submitted(inline);
  expect(command).toEqual({
    title: 'Books',
    type: 'transactions',
    options: { onDuplicate: 'SKIP' },
    source: { kind: 'inline', items: [{ a: 1 }] },
    priority: 'NORMAL',
    chunkPriority: 5,
    chunkSize: null,
    validation: 'MODERATE',
    idempotencyKey: null,
    metadata: {},
    estimatedMinutes: null,
    limits: null,
    exports: [],
  });
  expect(answer).toEqual({
    submitJob: {
      __typename: 'SubmitJobPayload',
      job: { id: toGlobalId('Job', job.id) },
      created: true,
      estimatedDurationMs: '5000',
      nextSteps: [
        expect.stringContaining('jobProgress'),
        expect.stringContaining('jobEvents'),
        'Or ask for the job again in a second.',
      ],
      tips: ['Results can be read from Job.items while the job is running.'],
    },
  });
});

test('submitJob passes everything on that the input says', async () => {
  const { command } = await submitted({
    ...inline,
    spec: { echo: { delayMs: 5, failureRate: 0.5, outputBytes: null } },
    source: { upload: { uploadId: toGlobalId('Upload', upload.id) } },
    priority: 'HIGH',
    chunkPriority: 9,
    chunkSize: 10,
    validation: 'STRICT',
    idempotencyKey: 'k',
    metadata: { team: 'billing' },
    estimatedMinutes: 3,
    exports: [{ format: 'CSV' }, { format: 'ZIP', content: 'ALL', fileNamePrefix: 'all' }],
  });
  expect(command).toMatchObject({
    type: 'echo',
    options: { delayMs: 5, failureRate: 0.5, transientFailureRate: 0 },
    source: { kind: 'upload', uploadId: upload.id, format: 'CSV' },
    priority: 'HIGH',
    chunkPriority: 9,
    chunkSize: 10,
    validation: 'STRICT',
    idempotencyKey: 'k',
    metadata: { team: 'billing' },
    estimatedMinutes: 3,
    exports: [
      { format: 'CSV', content: 'ITEMS' },
      { format: 'ZIP', content: 'ALL', fileNamePrefix: 'all' },
    ],
  });
});

test('submitJob answers a typed error for an input that it cannot use', async () => {
  const fromUpload = { ...inline, source: { upload: { uploadId: upload.id } } };
  const message = 'The name "bookings.xls" does not tell the format: say one of CSV, TSV, JSONL, JSON, XLSX, PARQUET.';
  expect((await submitted(fromUpload, { fileName: 'bookings.xls' })).answer).toEqual({
    submitJob: {
      __typename: 'InvalidInputError',
      code: 'INVALID_INPUT',
      message,
      issues: [{ path: ['source', 'upload', 'format'], message, row: null, field: 'format' }],
    },
  });
  expect((await submitted(fromUpload, null)).answer).toMatchObject({
    submitJob: { __typename: 'NotFoundError', code: 'NOT_FOUND' },
  });
  expect((await submitted({ ...inline, source: { upload: { uploadId: 'nonsense' } } })).answer).toMatchObject({
    submitJob: { __typename: 'NotFoundError' },
  });
  expect((await submitted({ ...inline, metadata: [1] })).answer).toMatchObject({
    submitJob: { __typename: 'InvalidInputError', message: 'metadata must be a JSON object.' },
  });
});

test('control mutations answer the job or a typed error', async () => {
  const source = `mutation ($id: ID!) {
    pauseJob(input: { jobId: $id }) { ... on PauseJobPayload { job { id } } }
    resumeJob(input: { jobId: $id }) { ... on ConflictError { code message state allowedActions } }
    cancelJob(input: { jobId: $id }) { ... on CancelJobPayload { job { id } } }
    retryJob(input: { jobId: $id }) { ... on NotFoundError { message } }
    deleteJob(input: { jobId: $id }) { ... on DeleteJobPayload { jobId } } }`;
  const asked: string[] = [];
  const answer = async (_: unknown, id: string) => (asked.push(id), job);
  const context = createContext(db.database, viewer, {
    jobs: {
      ...base.services.jobs,
      pauseJob: answer,
      cancelJob: answer,
      resumeJob: async () => {
        throw new ConflictError('Not now.', { state: 'RUNNING', allowedActions: ['PAUSE', 'CANCEL'] });
      },
      retryJob: async () => {
        throw new NotFoundError('Gone.');
      },
      deleteJob: async (_, id) => void asked.push(id),
    },
  });
  const id = toGlobalId('Job', job.id);
  expect(await query(context, source, { id: job.id })).toEqual({
    pauseJob: { job: { id } },
    resumeJob: { code: 'CONFLICT', message: 'Not now.', state: 'RUNNING', allowedActions: ['PAUSE', 'CANCEL'] },
    cancelJob: { job: { id } },
    retryJob: { message: 'Gone.' },
    deleteJob: { jobId: id },
  });
  expect(asked).toEqual([job.id, job.id, job.id]);
});

test('a malformed id is a NotFoundError in every mutation', async () => {
  const source = `mutation {
    pauseJob(input: { jobId: "x" }) { __typename } resumeJob(input: { jobId: "x" }) { __typename } cancelJob(input: { jobId: "x" }) { __typename }
    retryJob(input: { jobId: "x" }) { __typename } deleteJob(input: { jobId: "x" }) { __typename } deleteExport(input: { exportId: "x" }) { __typename }
    createExport(input: { jobId: "x", format: CSV }) { __typename } }`;
  const data = await query(base, source);
  expect(new Set(Object.values(Object(data)).map((result) => JSON.stringify(result)))).toEqual(
    new Set(['{"__typename":"NotFoundError"}']),
  );
});

test('uploads and exports are made, and found as nodes', async () => {
  const file = {
    id: '018f0000-0000-7000-8000-0000000000bb',
    jobId: job.id,
    projectId: viewer.projectId,
    format: 'ZIP' as const,
    content: 'ALL' as const,
    state: 'RUNNING' as const,
    attempt: 1,
    percent: 12.5,
    asOfSequence: null,
    checkpoint: null,
    fileNamePrefix: null,
    columns: null,
    fileName: null,
    byteSize: null,
    sha256: null,
    error: null,
    completedAt: null,
    expiresAt: null,
    atCompletion: false,
    createdAt: new Date(0),
  };
  const context = createContext(db.database, viewer, {
    uploads: {
      createUpload: async (_, { fileName, byteSize, sha256 }) => {
        if (fileName === '') throw new InvalidInputError('fileName must not be empty.');
        return { ...upload, fileName, byteSize: byteSize ?? null, sha256: sha256 ?? null };
      },
      uploadUrl: ({ id }) => `https://example.org/uploads/${id}`,
      findUpload: async () => upload,
      findInnerFormat: async () => null,
      listUploads: async () => ({ rows: [], hasNextPage: false, hasPreviousPage: false }),
    },
    exports: {
      createExport: async (_, request) => ({ ...file, ...request, columns: null }),
      createExports: async (_, __, requests) => requests.map((request) => ({ ...file, ...request, columns: ['key'] })),
      deleteExport: async () => undefined,
      findExport: async () => file,
      listProjectExports: async () => ({ rows: [], hasNextPage: false, hasPreviousPage: false }),
      listExports: async () => [file],
      downloadUrl: () => null,
    },
  });
  const source = `mutation ($job: ID!, $export: ID!) {
    createUpload(input: { fileName: "a.csv", byteSize: "5", sha256: "AB" }) { ... on CreateUploadPayload { upload { fileName byteSize sha256 uploadUrl } } }
    refused: createUpload(input: { fileName: "" }) { ... on InvalidInputError { message issues { message } } }
    createExport(input: { jobId: $job, format: JSONL }) { ... on CreateExportPayload { export { format content percent downloadUrl job { id } } } }
    createExports(input: { jobId: $job, exports: [{ format: CSV, columns: ["key"] }, { format: XLSX, content: FAILURES }] }) {
      ... on CreateExportsPayload { exports { format content columns } } }
    deleteExport(input: { exportId: $export }) { ... on DeleteExportPayload { exportId } } }`;
  const ids = {
    job: toGlobalId('Job', job.id),
    export: toGlobalId('Export', file.id),
    upload: toGlobalId('Upload', upload.id),
  };
  expect(await query(context, source, ids)).toEqual({
    createUpload: {
      upload: { fileName: 'a.csv', byteSize: '5', sha256: 'ab', uploadUrl: `https://example.org/uploads/${upload.id}` },
    },
    refused: { message: 'fileName must not be empty.', issues: [] },
    createExport: {
      export: { format: 'JSONL', content: 'ITEMS', percent: 12.5, downloadUrl: null, job: { id: ids.job } },
    },
    createExports: {
      exports: [
        { format: 'CSV', content: 'ITEMS', columns: ['key'] },
        { format: 'XLSX', content: 'FAILURES', columns: ['key'] },
      ],
    },
    deleteExport: { exportId: ids.export },
  });
  const nodes = `query ($job: ID!, $export: ID!, $upload: ID!) { export: node(id: $export) { __typename id } upload: node(id: $upload) { __typename id } job(id: $job) { exports { id } } }`;
  expect(await query(context, nodes, ids)).toEqual({
    export: { __typename: 'Export', id: ids.export },
    upload: { __typename: 'Upload', id: ids.upload },
    job: { exports: [{ id: ids.export }] },
  });
});

test('subscriptions stream what the feed gives and end it when the reader leaves', async () => {
  const entry: JobEvent = {
    jobId: job.id,
    sequence: 8,
    at: new Date(0),
    type: 'ExportProgressed',
    data: { exportId: upload.id, format: 'CSV', percent: 50 },
  };
  const asked: unknown[] = [];
  let hasEnded = false;
  async function* events(_: unknown, jobId: string, afterSequence: number) {
    asked.push({ jobId, afterSequence });
    try {
      for (;;) yield entry;
    } finally {
      hasEnded = true;
    }
  }
  const context = createContext(db.database, viewer, { feed: { ...base.services.feed, events } });
  const stream = await follow(
    context,
    'subscription ($id: ID!) { jobEvents(jobId: $id, afterSequence: 7) { __typename sequence ... on ExportProgressed { exportId format percent } } }',
    job.id,
  );
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream.errors));
  expect(JSON.parse(JSON.stringify((await stream.next()).value))).toEqual({
    data: {
      jobEvents: {
        __typename: 'ExportProgressed',
        sequence: '8',
        exportId: toGlobalId('Export', upload.id),
        format: 'CSV',
        percent: 50,
      },
    },
  });
  await stream.return();
  expect({ asked, hasEnded }).toEqual({ asked: [{ jobId: job.id, afterSequence: 7 }], hasEnded: true });
});

test('a subscription to a job that is not there is refused before it begins', async () => {
  for (const id of ['nonsense', upload.id]) {
    for (const field of ['jobEvents(jobId: $id) { sequence }', 'jobProgress(jobId: $id) { id }']) {
      expect(JSON.parse(JSON.stringify(await follow(base, `subscription ($id: ID!) { ${field} }`, id)))).toMatchObject({
        errors: [{ extensions: { code: 'NOT_FOUND' } }],
      });
    }
  }
});

async function follow(context: Context, source: string, id: string) {
  return await subscribe({ schema, document: parse(source), contextValue: context, variableValues: { id } });
}
