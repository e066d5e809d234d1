import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Log } from '../../src/embedded/managed-process.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { openPostgres } from '../../src/embedded/postgres.ts';
import { openTemporalServer } from '../../src/embedded/temporal-server.ts';

export interface TestServer {
  /** URL of Postgres, host:port of Temporal. */
  address: string;
  stop(): Promise<void>;
}

/** Postgres in a folder of its own that `stop` deletes, on any free port. It forgets what a power cut would take. */
export function startTestPostgres(log: Log): Promise<TestServer> {
  return inTemporaryFolder(async (dataDir) => {
    const postgres = await openPostgres({ dataDir, log });
    const port = await pickPort(0);
    const server = await postgres.start(port);
    await relaxDurability(postgres.url(port));
    return { address: postgres.url(port), stop: () => server.stop() };
  });
}

/** Temporal's development server in a folder of its own that `stop` deletes, on any free port. */
export function startTestTemporal(log: Log): Promise<TestServer> {
  return inTemporaryFolder(async (dataDir) => {
    const temporal = await openTemporalServer({ dataDir, log });
    const ports = { temporal: await pickPort(0), temporalUi: await pickPort(0) };
    const server = await temporal.start(ports);
    return { address: `127.0.0.1:${ports.temporal}`, stop: () => server.stop() };
  });
}

async function inTemporaryFolder(start: (dataDir: string) => Promise<TestServer>): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-test-'));
  const remove = () => rm(dataDir, { recursive: true, force: true });
  try {
    // Postgres runs as another user when root runs the tests.
    await chmod(dataDir, 0o711);
    await mkdir(join(dataDir, 'logs'));
    const server = await start(dataDir);
    const stop = async () => {
      await server.stop();
      await remove();
    };
    return { address: server.address, stop };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function relaxDurability(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const setting of ['fsync', 'synchronous_commit', 'full_page_writes']) {
      await client.query(`alter system set ${setting} = off`);
    }
    await client.query('select pg_reload_conf()');
  } finally {
    await client.end();
  }
}
