import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** A network on this machine that can be bad: TCP connections to one server go through it. */
export interface FaultProxy extends AsyncDisposable {
  port: number;
  /** Breaks all connections that are open. */
  cut(): void;
  /** Every packet takes `ms` longer, both ways, until the function that it answers is called. */
  slowDown(ms: number): () => void;
  /** Connections stay open, and nothing comes through until the function that it answers is called. */
  hold(): () => void;
  close(): Promise<void>;
}

/** Listens on any free port of loopback, and passes on to `target` on the same machine. */
export async function startFaultProxy(target: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const delays = new Set<{ ms: number }>();
  const holds = new Set<Promise<void>>();

  async function pass(): Promise<void> {
    while (holds.size > 0) await Promise.all(holds);
    const ms = [...delays].reduce((sum, each) => sum + each.ms, 0);
    if (ms > 0) await delay(ms);
  }

  async function carry(from: Socket, to: Socket): Promise<void> {
    const network = new Transform({
      transform: (chunk, _, done) => void pass().then(() => done(null, chunk)),
    });
    // A broken connection is what this is for.
    await pipeline(from, network, to).catch(() => undefined);
  }

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    }
    void Promise.race([carry(client, upstream), carry(upstream, client)]).then(() => {
      client.destroy();
      upstream.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const close = async () => {
    cut();
    server.close();
    await once(server, 'close');
  };
  return {
    port: (server.address() as AddressInfo).port, // A server on a TCP port has such an address.
    cut,
    slowDown: (ms) => {
      const one = { ms };
      delays.add(one);
      return () => delays.delete(one);
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      holds.add(promise);
      return () => {
        holds.delete(promise);
        resolve();
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
