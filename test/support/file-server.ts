import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An HTTP server that gives one file by ranges, and breaks connections when it is told to: so no byte is lost that its reader was to get. */
export interface FileServer extends AsyncDisposable {
  url(path?: string): string;
  /** Every request that came, in order. */
  requests: { path: string; headers: IncomingMessage['headers'] }[];
  /** Answers that are over, also when they were broken off. */
  closed: number;
  /** What is served from now on; a `path` that is not `file` answers itself. */
  file: { content: Buffer; etag?: string; headers?: Record<string, string>; acceptRanges?: boolean };
  /** The next answers stop after so many bytes, first to last, and stand still until they are cut. */
  holdAfter: number[];
  /** Where in the file the answer that stands still stopped; null when none does. */
  heldAt: number | null;
  /** Breaks the connection of the answer that stands still. */
  cut(): void;
  answers: Map<string, (request: IncomingMessage, response: ServerResponse) => void>;
}

export async function startFileServer(content: string | Buffer): Promise<FileServer> {
  const requests: FileServer['requests'] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    response.once('close', () => (files.closed += 1));
    requests.push({ path, headers: request.headers });
    const answer = files.answers.get(path.split('?')[0] ?? '');
    if (answer) return answer(request, response);
    serve(request, response, files);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // A server on a TCP port has such an address.
  const files: FileServer = {
    url: (path = '/file.csv') => `http://127.0.0.1:${port}${path}`,
    requests,
    closed: 0,
    file: { content: Buffer.from(content), etag: '"1"' },
    holdAfter: [],
    heldAt: null,
    cut: () => undefined,
    answers: new Map(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return files;
}

function serve(request: IncomingMessage, response: ServerResponse, files: FileServer): void {
  const { content, etag, headers = {}, acceptRanges = true } = files.file;
  const [range, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const isSame = request.headers['if-range'] === undefined || request.headers['if-range'] === etag;
  const isPart = range !== undefined && acceptRanges && isSame;
  const start = isPart ? Number(from) : 0;
  const end = isPart && to ? Math.min(Number(to), content.length - 1) : content.length - 1;
  const body = content.subarray(start, end + 1);
  response.writeHead(isPart ? 206 : 200, {
    'content-length': body.length,
    ...(etag ? { etag } : {}),
    ...(isPart ? { 'content-range': `bytes ${start}-${end}/${content.length}` } : {}),
    ...headers,
  });
  const bytes = files.holdAfter.shift();
  if (bytes === undefined) return void response.end(body);
  files.heldAt = start + bytes;
  files.cut = () => {
    files.heldAt = null;
    response.destroy();
  };
  response.write(body.subarray(0, bytes));
}
