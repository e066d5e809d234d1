import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { examine } from './examine.ts';

test('the doctor names what is here, and what to do about what is not', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-doctor-'));
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const findings = await examine({ dataDir: join(folder, 'not', 'yet'), host: '127.0.0.1', port });
    expect(findings.map((finding) => finding.name)).toEqual([
      'Node',
      'npm',
      'Temporal CLI',
      'Python with pip',
      'Postgres',
      'ffmpeg',
      'espeak-ng',
      'Data folder',
      'Disk space',
      `Port ${port}`,
    ]);
    const byName = new Map(findings.map((finding) => [finding.name, finding]));
    expect(byName.get('Node')).toEqual({ name: 'Node', state: 'OK', found: process.version, advice: null });
    expect(byName.get('Postgres')).toMatchObject({ state: 'OK', found: expect.stringContaining('PostgreSQL') });
    expect(byName.get('Data folder')).toMatchObject({ state: 'OK', found: join(folder, 'not', 'yet') });
    expect(byName.get(`Port ${port}`)).toMatchObject({
      state: 'MISSING',
      advice: `Stop that one, or choose another port: LONGHAUL_PORT=${port + 1}.`,
    });
  } finally {
    server.close();
    await rm(folder, { recursive: true });
  }
});
