import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { LookupFunction } from 'node:net';
import { fetchBytes } from '../../src/sources/url/fetch-bytes.ts';
import type { UrlAccess } from '../../src/sources/url/url-access.ts';

/**
 * Runs in a network namespace of its own. Gives it public and inner addresses, serves on all of them, asks for each URL of
 * the command line, and prints for each what became of it and which paths of inner addresses were reached.
 */
const publicAddress = '93.184.216.34';
const innerAddresses = ['10.1.2.3', '169.254.169.254', '172.16.0.9', '192.168.7.9', '100.64.0.9', 'fd00::9', 'fe80::9'];

for (const address of [publicAddress, ...innerAddresses]) {
  execFileSync('ip', [
    'addr',
    'add',
    `${address}/${address.includes(':') ? 128 : 32}`,
    'dev',
    'lo',
    ...noProbe(address),
  ]);
}
execFileSync('ip', ['link', 'set', 'lo', 'up']);

let reached: string[] = [];
const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const address = (request.socket.localAddress ?? '').replace('::ffff:', '');
  if (address !== publicAddress) reached.push(`${address}${url.pathname}`);
  const location = url.searchParams.get('to');
  if (location !== null) return void response.writeHead(302, { location, connection: 'close' }).end();
  response.end('secret\n');
});
server.listen(80, '::');
await once(server, 'listening');

/** Names of a hostile resolver: `rebound` is public when it is first asked for, and inner from then on. */
let asked = 0;
const names: Record<string, () => string[]> = {
  'public.test': () => [publicAddress],
  'inner.test': () => ['10.1.2.3'],
  'both.test': () => [publicAddress, '10.1.2.3'],
  'mapped.test': () => ['::ffff:10.1.2.3'],
  'rebound.test': () => [(asked += 1) === 1 ? publicAddress : '10.1.2.3'],
};
const lookup: LookupFunction = (hostname, options, callback) => {
  const found = (names[hostname]?.() ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  const [first] = found;
  if (!first) return callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }), '', 4);
  return options.all ? callback(null, found) : callback(null, first.address, first.family);
};

const [allowed = '', ...urls] = process.argv.slice(2);
const access: UrlAccess = {
  allowedNetworks: allowed === '' ? [] : allowed.split(','),
  maxBytes: 1_000,
  timeoutMs: 60_000,
  retryMs: 1,
  lookup,
};

const outcomes: { url: string; outcome: string; reached: string[] }[] = [];
for (const url of urls) {
  reached = [];
  asked = 0;
  const outcome = await read(url).catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
  outcomes.push({ url, outcome, reached });
}
process.stdout.write(JSON.stringify(outcomes));
server.closeAllConnections();
server.close();

async function read(url: string): Promise<string> {
  const pieces: Buffer[] = [];
  const target = { url, headers: [] };
  const { signal } = new AbortController();
  for await (const bytes of fetchBytes(access, {
    target,
    offset: 0,
    known: null,
    signal,
    onOpened: async () => undefined,
  })) {
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString();
}

/** Addresses of IPv6 are usable only once nobody else claims them, unless that is not asked. */
function noProbe(address: string): string[] {
  return address.includes(':') ? ['nodad'] : [];
}
