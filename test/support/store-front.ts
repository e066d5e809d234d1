import { once } from 'node:events';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before an object store: passes on what it is asked, but for what a test has it answer. */
export interface StoreFront extends AsyncDisposable {
  endpoint: string;
  /** "DELETE /files/key" for each request, in order. */
  requests: string[];
  /** How it answers by itself, by `refuse` or otherwise; null passes the request on. An answer that never comes hangs. */
  answer: ((request: IncomingMessage) => ((response: ServerResponse) => void) | null) | null;
}

/**
 * @param host that the store is told: S3 signs the one that the client named, fake-gcs-server serves files under its own alone
 */
export async function startStoreFront(
  storeEndpoint: string,
  host: 'OF_CLIENT' | 'OF_STORE' = 'OF_CLIENT',
): Promise<StoreFront> {
  const store = new URL(storeEndpoint);
  const server = createServer((request, response) => {
    front.requests.push(`${request.method} ${request.url}`);
    const answer = front.answer?.(request);
    if (answer) return answer(response);
    const { method, url: path } = request;
    const headers = host === 'OF_STORE' ? { ...request.headers, host: store.host } : request.headers;
    const passed = ask({ host: store.hostname, port: store.port, method, path, headers }, (from) => {
      const { location } = from.headers;
      if (location) from.headers.location = location.replace(store.host, new URL(front.endpoint).host);
      response.writeHead(from.statusCode ?? 502, from.headers);
      from.pipe(response);
    });
    passed.on('error', () => response.destroy());
    request.on('error', () => passed.destroy());
    request.pipe(passed);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo; // A server on a TCP port has such an address.
  const front: StoreFront = {
    endpoint: `http://127.0.0.1:${port}`,
    requests: [],
    answer: null,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
  return front;
}

/** As S3 refuses. */
export function refuseAsS3(status: number, code: string) {
  return (response: ServerResponse) =>
    answerXml(response, status, `<Error><Code>${code}</Code><Message>No.</Message></Error>`);
}

export function answerXml(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' }).end(`<?xml version="1.0" encoding="UTF-8"?>${xml}`);
}
