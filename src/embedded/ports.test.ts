import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { isPortFree, pickPort } from './ports.ts';

test('the preferred port is taken when it is free, and another one when it is not', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  expect(await isPortFree(port)).toBe(false);
  expect(await pickPort(port)).not.toBe(port);
  server.close();
  await once(server, 'close');
  expect(await pickPort(port)).toBe(port);
});
