import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Embedded } from '../src/embedded/start-embedded.ts';
import type { Contender } from './contender.ts';
import type { Scratch } from './scratch-database.ts';
import type { Redis } from './redis.ts';

const run = promisify(execFile);
const folder = fileURLToPath(new URL('./peers/', import.meta.url));

/** Installs what the peers are made of into their own folder, and checks their types against it. */
export async function installPeers(): Promise<void> {
  if (!existsSync(`${folder}node_modules/.package-lock.json`)) {
    console.log('Installing the peers (once) …');
    await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
  }
  await run('tsc', ['--project', folder]);
}

export interface PeerServers {
  embedded: Embedded;
  /** Null where it cannot be brought: BullMQ is then left out. */
  redis: Redis | null;
  scratch: Scratch;
}

/** Each peer is a process of its own, with empty stores. */
export function createPeers({ embedded, redis, scratch }: PeerServers): Contender[] {
  const peer = (name: string, program: string, share = 1): Contender => ({
    name,
    share,
    run: (load) =>
      scratch.use(async (databaseUrl) => {
        await redis?.empty();
        const servers = { databaseUrl, redisPort: redis?.port ?? null, temporalAddress: embedded.temporalAddress };
        const task = JSON.stringify({ ...load, ...servers });
        const { stdout } = await run(process.execPath, [`${folder}${program}.ts`, task], { maxBuffer: 16 * 1_048_576 });
        // What peers/peer.ts prints last.
        const { ms } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { ms: number };
        return ms;
      }),
  });
  return [
    ...(redis ? [peer('BullMQ', 'bullmq')] : []),
    peer('pg-boss', 'pg-boss'),
    peer('graphile-worker', 'graphile-worker'),
    peer('Temporal, an activity an item', 'temporal', 0.01),
  ];
}
