import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** Ports that embedded servers take when they are free, so that URLs stay the same from run to run. */
export const preferredPorts = { postgres: 55_440, temporal: 7240, temporalUi: 8240 };

/** `preferred` when nothing listens there, else any free one; 0 prefers none. */
export async function pickPort(preferred: number, host = '127.0.0.1'): Promise<number> {
  return preferred !== 0 && (await isPortFree(preferred, host)) ? preferred : listenOnce(0, host);
}

/** True when a server could listen there now. @throws Error for anything but a port that is taken or not allowed. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  try {
    await listenOnce(port, host);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES'))
      return false;
    throw error;
  }
}

async function listenOnce(port: number, host: string): Promise<number> {
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  // A string is the answer of a pipe only; a listening TCP server has an address.
  const { port: taken } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return taken;
}
