import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import pino from 'pino';
import { writeExport, type ExportDeps } from '../../src/activities/write-export.ts';
import type { Database } from '../../src/database/database.ts';
import type { Export } from '../../src/database/entities/export.ts';
import type { ExportRequest } from '../../src/domain/export.ts';
import { createExports, type Exports } from '../../src/exports/exports.ts';
import { exportFileKey } from '../../src/exports/storage-key.ts';
import type { Viewer } from '../../src/jobs/commands.ts';
import { createLocalDiskStorage } from '../../src/storage/local-disk.ts';
import type { Storage } from '../../src/storage/storage.ts';
import { createTestDatabase } from './database.ts';
import { seedEchoes, seedTransactions } from './exported-jobs.ts';
import { createTestStores } from './file-stores.ts';
import { createTestProject } from './project.ts';
import { readExport } from './read-export.ts';

type AttemptOptions = { signal?: AbortSignal; isFinal?: boolean } & Partial<ExportDeps>;

/** Exports over a real database, a folder and a server that delivers them, without a workflow: tests make the attempts. */
export interface ExportScene {
  database: Database;
  /** What the storage and the test keep. */
  folder: string;
  storage: Storage;
  viewer: Viewer;
  exports: Exports;
  /** Ids of the exports whose workflow was asked for. */
  started: string[];
  /** The job of `seedTransactions`, for all who only read it. */
  transactionsJob: string;
  /** An echo job of so many items, every second of which failed. */
  seedMany(count: number): Promise<string>;
  /** As `seedMany`, once for all who only read it. */
  shareMany(count: number): Promise<string>;
  /** Asks for an export, of the transactions unless told otherwise. */
  create(request: ExportRequest & { jobId?: string }): Promise<Export>;
  find(exportId: string): Promise<Export | null>;
  /** Creates an export and writes it. */
  write(request: ExportRequest & { jobId?: string }): Promise<Export>;
  /** One attempt of the activity, as a worker makes it. */
  attempt(exportId: string, options?: AttemptOptions): Promise<void>;
  contentOf(found: Export): Promise<Buffer>;
  /** As Python reads it. */
  readBack(found: Export): Promise<unknown>;
  /** Names in the folder of an export, or in one below it. */
  listFiles(folder: string): Promise<string[]>;
  /** Storage that dies with the nth part that it is asked to store. */
  dyingAtPart(part: number): Storage;
  close(): Promise<void>;
}

export async function createExportScene(): Promise<ExportScene> {
  const { database, close: closeDatabase } = await createTestDatabase();
  const log = pino({ level: 'silent' });
  const viewer = await createTestProject(database);
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-exports-'));
  const storage = createLocalDiskStorage(join(folder, 'storage'));
  const server = createServer((request, response) => {
    void exports.download(request, response, new URL(request.url ?? '/', 'http://localhost'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A server on a TCP port has such an address.
  const started: string[] = [];
  const exports = createExports({
    quotas: { spend: async () => null },
    database,
    storage,
    config: { secret: 's'.repeat(32), publicUrl: `http://127.0.0.1:${port}` },
    startExport: async (id) => void started.push(id),
  });
  const transactionsJob = await seedTransactions({ database, storage, projectId: viewer.projectId });

  const seedMany = (count: number) => seedEchoes(database, { projectId: viewer.projectId, count });
  const shared = new Map<number, Promise<string>>();
  const create = (request: ExportRequest & { jobId?: string }) =>
    exports.createExport(viewer, { jobId: transactionsJob, ...request });
  const find = (exportId: string) => exports.findExport(viewer, exportId);
  const attempt = (exportId: string, options: AttemptOptions = {}) => {
    const { signal = new AbortController().signal, isFinal = false, ...deps } = options;
    const stores = createTestStores(storage);
    return writeExport(
      { database, storage, stores, log, exportTtlMs: 60_000, maxExportBytes: 10_000_000, ...deps },
      { exportId, heartbeat: () => undefined, signal, isFinal: () => isFinal },
    );
  };
  const contentOf = async (found: Export) => await buffer(await storage.get(exportFileKey(found)));

  return {
    database,
    folder,
    storage,
    viewer,
    exports,
    started,
    transactionsJob,
    seedMany,
    shareMany: (count) => {
      const jobId = shared.get(count) ?? seedMany(count);
      shared.set(count, jobId);
      return jobId;
    },
    create,
    find,
    write: async (request) => {
      const { id } = await create(request);
      await attempt(id);
      const found = await find(id);
      if (!found) throw new Error('The export is gone.');
      return found;
    },
    attempt,
    contentOf,
    readBack: async (found) => await readExport(found.format, await contentOf(found)),
    listFiles: async (name) => await readdir(join(folder, 'storage', 'exports', name)).catch(() => []),
    dyingAtPart: (part) => {
      let asked = 0;
      return {
        ...storage,
        put: async (key, ...rest) => {
          if (key.includes('/parts/') && ++asked === part) throw new Error('kill -9');
          return await storage.put(key, ...rest);
        },
      };
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closeDatabase();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
