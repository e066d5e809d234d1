import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client as PostgresClient } from 'pg';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { findProcesses, sendSignal } from '../../src/embedded/processes.ts';
import { startEmbedded, type Embedded } from '../../src/embedded/start-embedded.ts';

const anyPorts = { postgres: 0, temporal: 0, temporalUi: 0 };
const quiet = { info: () => undefined, warn: () => undefined };

let dataDir = '';
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'longhaul-embedded-'));
  // As root, Postgres runs as a user of its own, which must get through.
  await chmod(dataDir, 0o711);
});
afterAll(() => rm(dataDir, { recursive: true, force: true }));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new PostgresClient({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function hasNamespace(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address });
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    return namespaceInfo?.name === 'default';
  } finally {
    await connection.close();
  }
}

test('data survives kill -9 of everything, and what a killed parent left is ended', async () => {
  const holder = fork(fileURLToPath(new URL('./hold-servers.ts', import.meta.url)), [dataDir], { stdio: 'inherit' });
  const [message] = await once(holder, 'message');
  const held = z
    .object({ databaseUrl: z.string(), pids: z.object({ postgres: z.number(), temporal: z.number() }) })
    .parse(message);
  await query(held.databaseUrl, 'create table kept as select 42 as answer');

  await expect(startEmbedded({ dataDir, log: quiet, ports: anyPorts })).rejects.toThrow(
    `Longhaul runs already on ${dataDir} (process ${holder.pid})`,
  );

  sendSignal(held.pids.postgres, 'SIGKILL');
  sendSignal(holder.pid ?? 0, 'SIGKILL');
  await once(holder, 'exit');

  const servers = await startEmbedded({ dataDir, log: quiet, ports: anyPorts });
  try {
    expect(
      await findProcesses({ program: 'temporal', argument: `--db-filename ${join(dataDir, 'temporal.db')}` }),
    ).toEqual([servers.pids().temporal]);
    expect(await query(servers.databaseUrl, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(await hasNamespace(servers.temporalAddress)).toBe(true);
    expect(
      await query(
        servers.databaseUrl,
        "select current_setting('fsync') as fsync, current_setting('listen_addresses') as addresses",
      ),
    ).toEqual([{ fsync: 'on', addresses: '127.0.0.1' }]);
  } finally {
    await servers.stop();
  }
  expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);
  expect((await readdir(join(dataDir, 'logs'))).sort()).toEqual(['postgres.log', 'temporal.log']);
});

test('a server that dies is back on the same port', async () => {
  const { promise: postgresIsBack, resolve: resolvePostgres } = Promise.withResolvers<void>();
  const { promise: temporalIsBack, resolve: resolveTemporal } = Promise.withResolvers<void>();
  const info = (message: string) => {
    if (message === 'Postgres runs again.') resolvePostgres();
    if (message === 'Temporal runs again.') resolveTemporal();
  };
  const servers: Embedded = await startEmbedded({ dataDir, log: { ...quiet, info }, ports: anyPorts });
  try {
    const { postgres = 0, temporal = 0 } = servers.pids();
    sendSignal(postgres, 'SIGKILL');
    sendSignal(temporal, 'SIGKILL');
    await Promise.all([postgresIsBack, temporalIsBack]);
    expect(await query(servers.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect(await hasNamespace(servers.temporalAddress)).toBe(true);
  } finally {
    await servers.stop();
  }
});
