import { rmSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Log, ManagedProcess } from '../../src/embedded/managed-process.ts';
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
    return { address: postgres.url(port), server };
  });
}

/** Temporal's development server in a folder of its own that `stop` deletes, on any free port. */
export function startTestTemporal(log: Log): Promise<TestServer> {
  return inTemporaryFolder(async (dataDir) => {
    const temporal = await openTemporalServer({ dataDir, log });
    const ports = { temporal: await pickPort(0), temporalUi: await pickPort(0) };
    const server = await temporal.start(ports);
    return { address: `127.0.0.1:${ports.temporal}`, server };
  });
}

async function inTemporaryFolder(
  start: (dataDir: string) => Promise<{ address: string; server: ManagedProcess }>,
): Promise<TestServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'longhaul-test-'));
  try {
    // Postgres runs as another user when root runs the tests.
    await chmod(dataDir, 0o711);
    await mkdir(join(dataDir, 'logs'));
    const { address, server } = await start(dataDir);
    // After Ctrl-C there is no time to wait.
    const abandon = () => {
      server.kill();
      rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
    };
    process.once('exit', abandon);
    const stop = async () => {
      await server.stop();
      process.off('exit', abandon);
      await rm(dataDir, { recursive: true, force: true });
    };
    return { address, stop };
  } catch (error) {
    await rm(dataDir, { recursive: true, force: true });
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
