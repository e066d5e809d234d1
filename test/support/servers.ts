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

export interface TestPostgres extends TestServer {
  /** Stops the server and keeps its data; connections break. */
  goAway(): Promise<void>;
  /** Starts it again at its address. */
  comeBack(): Promise<void>;
}

/** Postgres in a folder of its own that `stop` deletes, on any free port. It forgets what a power cut would take. */
export async function startTestPostgres(log: Log): Promise<TestPostgres> {
  const { address, stop, server } = await inTemporaryFolder(async (dataDir) => {
    const postgres = await openPostgres({ dataDir, log });
    const port = await pickPort(0);
    let current = await postgres.start(port);
    await relaxDurability(postgres.url(port));
    const restartable = {
      stop: () => current.stop(),
      kill: () => current.kill(),
      comeBack: async () => {
        current = await postgres.start(port);
      },
    };
    return { address: postgres.url(port), server: restartable };
  });
  return { address, stop, goAway: server.stop, comeBack: server.comeBack };
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

/** Starts a server in a folder of its own that `stop` deletes. */
export async function inTemporaryFolder<Server extends Pick<ManagedProcess, 'stop' | 'kill'>>(
  start: (dataDir: string) => Promise<{ address: string; server: Server }>,
): Promise<TestServer & { server: Server }> {
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
    return { address, stop, server };
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
