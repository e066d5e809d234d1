import { WebSocket } from 'ws';

interface Subscription {
  /** Of GraphQL, over HTTP. */
  endpoint: string;
  apiKey: string;
  operation: { query: string; variables: Record<string, unknown> };
}

interface Message {
  type: string;
  payload?: { data?: unknown };
}

/**
 * Follows a subscription to its end on a socket of its own. It does as little as a client can (graphql-transport-ws by hand), since a
 * thousand of them share a process: what is measured is when they are told, not how long they think about it.
 */
export async function listen({ endpoint, apiKey, operation }: Subscription, hear: (data: unknown) => void) {
  const socket = new WebSocket(endpoint.replace(/^http/, 'ws'), 'graphql-transport-ws');
  const say = (message: object) => socket.send(JSON.stringify(message));
  const authorization = `Bearer ${apiKey}`;
  socket.on('open', () => say({ type: 'connection_init', payload: { authorization } }));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', (code, reason) => reject(new Error(`The socket was closed with ${code}: ${String(reason)}`)));
    socket.on('message', (data) => {
      const text = String(data as Buffer);
      const { type, payload } = JSON.parse(text) as Message;
      if (type === 'next') hear(payload?.data);
      else if (type === 'connection_ack') say({ id: '1', type: 'subscribe', payload: operation });
      else if (type === 'ping') say({ type: 'pong' });
      else if (type === 'complete') resolve();
      else reject(new Error(`The subscription was answered with ${text}`));
    });
  });
  socket.close();
}
