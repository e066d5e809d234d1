import { randomBytes } from 'node:crypto';
import { toGlobalId } from '../../schema/global-id.ts';
import { createApiKey } from '../../src/access/create-api-key.ts';
import { GoogleAccountEntity } from '../../src/database/entities/google-account.ts';
import { LedgerTransactionEntity } from '../../src/job-types/transactions/ledger-transaction.ts';
import { DestinationEntity } from '../../src/database/entities/destination.ts';
import { itemFileKey } from '../../src/item-files/item-file-key.ts';
import { newId } from '../../src/database/new-id.ts';
import { seedJob } from '../support/seed-job.ts';
import type { TestEngine } from '../support/engine.ts';

/** Somebody's project with one of everything, and what of it nobody else may see. */
export interface Victim {
  jobId: string;
  /** By type, as clients have them. */
  ids: Record<string, string>;
  /** The idempotency key of the job, which is the user id of a member too. */
  text: string;
  /** Is in every text that the project's owner gave. */
  marker: string;
  /** Is in what only those see who hold ADMIN. */
  adminMarker: string;
  /** All rows of the project, to see that they stay as they are. */
  rows(): Promise<unknown>;
}

export async function seedVictim({ services, viewer }: TestEngine): Promise<Victim> {
  const { database, uploads, exports, access } = services;
  const marker = `victim-${randomBytes(6).toString('hex')}`;
  const adminMarker = `admin-${randomBytes(6).toString('hex')}`;
  const text = `${marker}-key`;
  const seed = { state: 'COMPLETED', total: 10, ended: 10, chunkSize: 5 } as const;
  const jobId = await seedJob(database, viewer, { ...seed, title: `${marker} title`, key: text });
  const upload = await uploads.createUpload(viewer, { fileName: `${marker}.csv` });
  const written = await exports.createExport(viewer, {
    jobId,
    format: 'CSV',
    content: 'ITEMS',
    fileNamePrefix: `${marker} export`,
  });
  await exports.createExport(viewer, { jobId, format: 'JSON', content: 'FAILURES' });
  const { apiKey } = await createApiKey(database, {
    projectId: viewer.projectId,
    name: `${adminMarker} key`,
    scopes: ['READ'],
  });
  await access.addProjectMember(viewer, { userId: text, name: `${adminMarker} member`, role: 'ADMIN' });
  const destination = {
    id: newId(),
    kind: 'S3',
    bucket: `${marker}-bucket`,
    prefix: '',
    name: `${marker} place`,
  } as const;
  await database.em().insert(DestinationEntity, {
    ...destination,
    projectId: viewer.projectId,
    endpoint: 'http://127.0.0.1:1',
    sealedCredentials: `${adminMarker}-${marker}-sealed`,
  });
  const googleAccountId = newId();
  await database.em().insert(GoogleAccountEntity, {
    id: googleAccountId,
    projectId: viewer.projectId,
    name: `${marker} account`,
    email: `${marker}@example.com`,
    sealedToken: `${marker} token`,
  });
  const template = await services.templates.createTemplate(viewer, { name: `${marker} template`, settings: {} });
  const now = new Date();
  await database.em().insert(LedgerTransactionEntity, {
    projectId: viewer.projectId,
    jobId,
    itemIndex: 0,
    reference: `${marker} reference`,
    account: `${marker} account`,
    amount: '1.00',
    currency: 'EUR',
    occurredAt: now,
    createdAt: now,
    updatedAt: now,
  });
  const fileId = newId();
  await database.pool.query(
    `insert into item_files (job_id, id, index, name, file_name, media_type, is_kept, state, stage, generation, chunk, attempt, key, byte_size, sha256)
     values ($1, $2, 0, 'text', $3, 'text/plain', true, 'STORED', 1, 0, 0, 1, $4, 1, 'x')`,
    [jobId, fileId, `${marker}.txt`, itemFileKey(jobId, fileId)],
  );
  const ids = {
    Job: toGlobalId('Job', jobId),
    Chunk: toGlobalId('Chunk', `${jobId}/2/0/0`),
    Export: toGlobalId('Export', written.id),
    Upload: toGlobalId('Upload', upload.id),
    ApiKey: toGlobalId('ApiKey', apiKey.id),
    Destination: toGlobalId('Destination', destination.id),
    GoogleAccount: toGlobalId('GoogleAccount', googleAccountId),
    Template: toGlobalId('Template', template.id),
  };
  return { jobId, ids, text, marker, adminMarker, rows: () => readRows(database.pool, viewer.projectId) };
}

/** The same kinds of ids, of things that never were. */
export function absentIds(): Record<keyof Victim['ids'], string> {
  const jobId = newId();
  return {
    Job: toGlobalId('Job', jobId),
    Chunk: toGlobalId('Chunk', `${jobId}/2/0/0`),
    Export: toGlobalId('Export', newId()),
    Upload: toGlobalId('Upload', newId()),
    ApiKey: toGlobalId('ApiKey', newId()),
    Destination: toGlobalId('Destination', newId()),
    GoogleAccount: toGlobalId('GoogleAccount', newId()),
    Template: toGlobalId('Template', newId()),
  };
}

async function readRows(pool: TestEngine['services']['database']['pool'], projectId: string): Promise<unknown> {
  const read = async (table: string) => {
    const { rows } = await pool.query<{ row: Record<string, unknown> }>(
      `select to_jsonb(t) - 'last_used_at' as row from ${table} t where project_id = $1 order by 1`,
      [projectId],
    );
    return rows.map(({ row }) => row);
  };
  const tables = [
    'jobs',
    'exports',
    'uploads',
    'api_keys',
    'project_members',
    'destinations',
    'templates',
    'google_accounts',
    'ledger_transactions',
  ];
  return Object.fromEntries(await Promise.all(tables.map(async (table) => [table, await read(table)] as const)));
}
