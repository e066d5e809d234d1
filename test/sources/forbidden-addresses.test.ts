import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';

/** No request of these tests can leave: they run in a network namespace that has only its own loopback. */
const execute = promisify(execFile);
const probe = fileURLToPath(new URL('probe-addresses.ts', import.meta.url));

interface Outcome {
  url: string;
  outcome: string;
  /** Inner addresses that were reached, with the path. */
  reached: string[];
}

async function probeAll(allowed: string, urls: readonly string[]): Promise<Map<string, Outcome>> {
  const { stdout } = await execute('unshare', ['-n', process.execPath, probe, allowed, ...urls]);
  const outcomes = JSON.parse(stdout) as Outcome[]; // The probe prints just this.
  return new Map(outcomes.map((outcome) => [outcome.url, outcome]));
}

const forbidden = [
  'http://127.0.0.1/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://0177.0.0.1/',
  'http://127.1/',
  'http://0.0.0.0/',
  'http://10.1.2.3/',
  'http://172.16.0.9/',
  'http://192.168.7.9/',
  'http://100.64.0.9/',
  'http://169.254.169.254/latest/meta-data/',
  'http://[::1]/',
  'http://[::]/',
  'http://[::ffff:127.0.0.1]/',
  'http://[::ffff:a9fe:a9fe]/latest/meta-data/',
  'http://[64:ff9b::a01:203]/',
  'http://[2002:a01:203::]/',
  'http://[fd00::9]/',
  'http://[fe80::9]/',
  'http://inner.test/',
  'http://both.test/',
  'http://mapped.test/',
  'https://10.1.2.3:80/',
];

const redirected = [
  'http://public.test/?to=http://169.254.169.254/latest/meta-data/',
  'http://public.test/?to=http://[::1]/',
  'http://public.test/?to=http://inner.test/',
  'http://public.test/?to=//public.test/?to=http://10.1.2.3/',
  // The first answer of its resolver is public, the next is not.
  'http://rebound.test/?to=/again',
];

describe('a URL', () => {
  let outcomes: Map<string, Outcome>;
  beforeAll(async () => {
    outcomes = await probeAll('', ['http://public.test/', ...forbidden, ...redirected]);
  });

  it('at a public address is fetched', () => {
    expect(outcomes.get('http://public.test/')).toMatchObject({ outcome: 'secret\n' });
  });

  it.each(forbidden)('%s is refused before it is asked', (url) => {
    const { hostname } = new URL(url);
    expect(outcomes.get(url)).toEqual({
      url,
      outcome: `${hostname} has an address that is not public, and was not asked. If it is meant, whoever runs this server can allow its network by LONGHAUL_FETCH_ALLOWED_NETWORKS; else upload the file.`,
      reached: [],
    });
  });

  it.each(redirected)('%s is refused where it leads to', (url) => {
    expect(outcomes.get(url)).toMatchObject({
      outcome: expect.stringContaining('has an address that is not public, and was not asked.'),
      reached: [],
    });
  });

  it('that is refused shows no inner address that its name stands for', () => {
    expect(outcomes.get('http://inner.test/')?.outcome).not.toContain('10.1');
    expect(outcomes.get('http://rebound.test/?to=/again')?.outcome).not.toContain('10.1');
  });
});

it('networks that are allowed are reached, and only they', async () => {
  const urls = [
    'http://10.1.2.3/',
    'http://inner.test/',
    'http://[fd00::9]/',
    'http://192.168.7.9/',
    'http://127.0.0.1/',
  ];
  const outcomes = await probeAll('10.1.0.0/16,fd00::/8', urls);
  expect(urls.map((url) => outcomes.get(url)?.reached)).toEqual([['10.1.2.3/'], ['10.1.2.3/'], ['fd00::9/'], [], []]);
});
