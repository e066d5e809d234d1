import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startFaultProxy, type FaultProxy } from './fault-proxy.ts';

/** Gives everything back. */
const server: Server = createServer((socket) => void socket.on('error', () => undefined).pipe(socket));
let proxy: FaultProxy;
let socket: Socket;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await startFaultProxy((server.address() as AddressInfo).port); // A server on a TCP port has such an address.
});
beforeEach(async () => {
  socket = connect(proxy.port, '127.0.0.1').setEncoding('utf8');
  await once(socket, 'connect');
  return () => socket.destroy();
});
afterAll(async () => {
  await proxy.close();
  server.close();
});

async function echo(text: string): Promise<unknown> {
  socket.write(text);
  const [answer] = await once(socket, 'data');
  return answer;
}

test('passes on what it gets, late where it is slow', async () => {
  const mend = proxy.slowDown(20);
  const startedAt = performance.now();
  expect(await echo('slow')).toBe('slow');
  // Once on the way there, once on the way back.
  expect(performance.now() - startedAt).toBeGreaterThan(30);
  mend();
  expect(await echo('quick')).toBe('quick');
});

test('holds back what comes until it is mended, and loses nothing', async () => {
  const mend = proxy.hold();
  const answer = echo('held');
  const other = connect(proxy.port, '127.0.0.1');
  await once(other, 'connect');
  expect(socket.bytesRead).toBe(0);
  mend();
  expect(await answer).toBe('held');
  other.destroy();
});

test('breaks every connection that is open when it is cut, and takes new ones', async () => {
  expect(await echo('one')).toBe('one');
  const closed = once(socket, 'close');
  proxy.cut();
  await closed;
  socket = connect(proxy.port, '127.0.0.1').setEncoding('utf8');
  expect(await echo('two')).toBe('two');
});
