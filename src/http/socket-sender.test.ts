import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createSocketSender } from './socket-sender.ts';

let server: Server;
let client: WebSocket;
let socket: WebSocket;
let stream: Duplex;

beforeEach(async () => {
  const sockets = new WebSocketServer({ noServer: true });
  server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = new Promise<void>((resolve) => {
    server.on('upgrade', (request, duplex, head) => {
      stream = duplex;
      sockets.handleUpgrade(request, duplex, head, (opened) => {
        socket = opened;
        resolve();
      });
    });
  });
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await Promise.all([accepted, once(client, 'open')]);
});
afterEach(() => {
  client.terminate();
  server.close();
});

const createSender = (bufferedBytes = 2 ** 20) => {
  const left = new AbortController();
  return { left, send: createSocketSender({ socket, stream, left, bufferedBytes }) };
};

test('what is said in one turn goes out in one write, in order', async () => {
  const { send } = createSender();
  const heard: string[] = [];
  client.on('message', (data) => heard.push(String(data as Buffer)));
  for (let index = 0; index < 20; index += 1) await send(`message ${index}`);
  expect(stream.writableLength).toBeGreaterThan(200);
  await new Promise(setImmediate);
  expect(stream.writableLength).toBe(0);
  await expect.poll(() => heard).toEqual(Array.from({ length: 20 }, (_, index) => `message ${index}`));
});

test('who has much to say waits for a later turn, so that others have theirs', async () => {
  const { send } = createSender();
  let turns = 0;
  let ended = false;
  const count = () => {
    turns += 1;
    if (!ended) setImmediate(count);
  };
  setImmediate(count);
  for (let index = 0; index < 64; index += 1) await send('x'.repeat(2_048));
  ended = true;
  expect(turns).toBeGreaterThanOrEqual(8);
});

test('a client that reads nothing holds up who speaks to it, and is cut off once too much is unread', async () => {
  const { left, send } = createSender(4 * 2 ** 20);
  client.pause();
  const message = 'x'.repeat(2 ** 20);
  // What the system takes on the way, and one more.
  while (stream.writableLength === 0) {
    void send(message);
    await new Promise(setImmediate);
  }
  expect(await Promise.race([send(message), new Promise((resolve) => setImmediate(resolve, 'waits'))])).toBe('waits');
  for (let others = 0; others < 6; others += 1) void send(message);
  expect(socket.readyState).not.toBe(socket.OPEN);
  await send('nobody hears it');
  expect(left.signal.aborted).toBe(true);
});
