import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LimitExceededError } from '../../src/domain/errors.ts';
import { fetchBytes, NotResumableError, type RemoteFile } from '../../src/sources/url/fetch-bytes.ts';
import type { UrlAccess } from '../../src/sources/url/url-access.ts';
import { UnreadableSourceError } from '../../src/sources/unreadable-source-error.ts';
import { startFileServer, type FileServer } from '../support/file-server.ts';

const content = Buffer.from(Array.from({ length: 30_000 }, (_, index) => `${index},row\n`).join(''));
let server: FileServer;

beforeEach(async () => {
  server = await startFileServer(content);
});
afterEach(() => server[Symbol.asyncDispose]());

const loopback: UrlAccess = { allowedNetworks: ['127.0.0.0/8'], maxBytes: 10_000_000, timeoutMs: 60_000, retryMs: 1 };

interface Fetch {
  url?: string;
  headers?: { name: string; value: string }[];
  access?: Partial<UrlAccess>;
  offset?: number;
  known?: RemoteFile;
  signal?: AbortSignal;
  beforeCut?(): void;
}

async function fetchAll({ url = server.url(), headers = [], access, beforeCut, ...rest }: Fetch = {}) {
  const opened: RemoteFile[] = [];
  const pieces: Buffer[] = [];
  const bytes = fetchBytes(
    { ...loopback, ...access },
    {
      target: { url, headers },
      offset: 0,
      known: null,
      signal: new AbortController().signal,
      onOpened: async (file) => void opened.push(file),
      ...rest,
    },
  );
  let end = rest.offset ?? 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    end += piece.length;
    if (end === server.heldAt) {
      beforeCut?.();
      server.cut();
    }
  }
  return { content: Buffer.concat(pieces), opened };
}

const ranges = () => server.requests.map(({ headers }) => [headers.range, headers['if-range']]);

describe('a fetch', () => {
  it('brings the file and what its server says of it', async () => {
    server.file.headers = { 'content-type': 'text/csv', 'content-disposition': 'attachment; filename="may.csv"' };
    const fetched = await fetchAll();
    expect(fetched.content.equals(content)).toBe(true);
    expect(fetched.opened).toEqual([
      { validator: '"1"', byteSize: content.length, fileName: 'may.csv', contentType: 'text/csv' },
    ]);
    expect(server.requests[0]?.headers).toMatchObject({ 'accept-encoding': 'identity' });
  });

  it('goes on where the connection broke, any number of times, held to the same file', async () => {
    server.holdAfter = Array.from({ length: 8 }, () => 20_000);
    const fetched = await fetchAll();
    expect(fetched.content.equals(content)).toBe(true);
    expect(ranges()).toEqual(
      Array.from({ length: 9 }, (_, index) =>
        index === 0 ? [undefined, undefined] : [`bytes=${index * 20_000}-`, '"1"'],
      ),
    );
  });

  it('is refused when the file changed meanwhile', async () => {
    server.holdAfter = [20_000];
    const fetching = fetchAll({
      beforeCut: () => {
        server.file = { content: Buffer.from('other'), etag: '"2"' };
      },
    });
    await expect(fetching).rejects.toThrow(/^The file at 127.0.0.1:\d+ changed while it was fetched\. Retry the job/);
  });

  it.each([
    ['ranges', { acceptRanges: false, etag: '"1"' }],
    ['a validator', { etag: undefined }],
  ])('says that it must begin anew when a server without %s breaks it off', async (_, file) => {
    server.file = { content, ...file };
    server.holdAfter = [20_000];
    await expect(fetchAll()).rejects.toThrow(NotResumableError);
  });

  it('goes on behind what an earlier process brought, and asks for nothing when all is there', async () => {
    const known = { validator: '"1"', byteSize: content.length, fileName: 'file.csv', contentType: null };
    const rest = await fetchAll({ offset: 1_000, known });
    expect(rest.content.equals(content.subarray(1_000))).toBe(true);
    const nothing = await fetchAll({ offset: content.length, known });
    expect([nothing.content.length, server.requests.length]).toEqual([0, 1]);
  });

  it('asks a server that is busy or unwell again, and gives up with its answer', async () => {
    let answers = 0;
    server.answers.set('/file.csv', (_, response) => {
      if ((answers += 1) === 3) server.answers.clear();
      response.writeHead(answers === 1 ? 503 : 429).end();
    });
    expect((await fetchAll()).content.length).toBe(content.length);
    server.answers.set('/file.csv', (_, response) => void response.writeHead(502).end());
    await expect(fetchAll()).rejects.toThrow(/could not be read: it answered 502\. Try again later\.$/);
  });

  it.each([
    [401, 'Send credentials as a header, or give a signed URL.'],
    [403, 'The signature of the URL may have expired, or the credentials do not allow it.'],
    [404, 'There is no such file: check the URL.'],
    [304, 'Give a URL that answers GET with the file.'],
  ])('says what to do about the answer %i, without the secrets of the URL', async (status, advice) => {
    server.answers.set('/file.csv', (_, response) => void response.writeHead(status).end());
    const { host } = new URL(server.url());
    const refused = await fetchAll({ url: server.url('/file.csv?signature=secret') }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(UnreadableSourceError);
    expect(refused).toMatchObject({ message: `${host} answered ${status}. ${advice}` });
    expect(server.requests).toHaveLength(1);
  });

  it('refuses a file that says it is too large, and one that turns out to be', async () => {
    const access = { maxBytes: content.length - 1 };
    await expect(fetchAll({ access })).rejects.toThrow(LimitExceededError);
    server.answers.set('/file.csv', (_, response) => void response.end(content));
    server.answers.set('/chunked', (_, response) => {
      response.write(content.subarray(0, 1_000));
      response.end(content);
    });
    await expect(fetchAll({ access, url: server.url('/chunked') })).rejects.toThrow(LimitExceededError);
  });

  it('gives up a server that sends nothing, and one that is too slow as a whole', async () => {
    server.answers.set('/file.csv', () => undefined);
    await expect(fetchAll({ access: { idleMs: 20 } })).rejects.toThrow('could not be read: no byte within 0.02 s.');
    await expect(fetchAll({ access: { timeoutMs: 60 } })).rejects.toThrow('took longer than 0.06 seconds.');
  });

  it('ends at once when it is told to', async () => {
    const stop = new AbortController();
    server.answers.set('/file.csv', () => stop.abort(new Error('The worker is shutting down.')));
    await expect(fetchAll({ signal: stop.signal })).rejects.toThrow('The worker is shutting down.');
  });
});

describe('a redirect', () => {
  const headers = [{ name: 'authorization', value: 'Bearer secret' }];
  const redirect = (from: FileServer, path: string, location: string) =>
    from.answers.set(path, (_, response) => void response.writeHead(302, { location }).end());

  it('takes the headers of the client along within its origin', async () => {
    redirect(server, '/start', '/file.csv');
    expect((await fetchAll({ url: server.url('/start'), headers })).content.length).toBe(content.length);
    expect(server.requests.map((request) => request.headers.authorization)).toEqual(['Bearer secret', 'Bearer secret']);
  });

  it('takes none of them to another origin, and brings none back', async () => {
    await using other = await startFileServer('other');
    redirect(server, '/start', other.url());
    expect((await fetchAll({ url: server.url('/start'), headers })).content.toString()).toBe('other');
    expect(other.requests.map((request) => request.headers.authorization)).toEqual([undefined]);
  });

  it('is followed five times', async () => {
    redirect(server, '/loop', '/loop');
    await expect(fetchAll({ url: server.url('/loop') })).rejects.toThrow('redirects more than 5 times');
    expect(server.requests).toHaveLength(6);
  });

  it.each(['file:///etc/passwd', 'ftp://127.0.0.1/a', 'gopher://127.0.0.1/', 'data:text/csv,a'])(
    'to %s is refused',
    async (location) => {
      redirect(server, '/start', location);
      await expect(fetchAll({ url: server.url('/start') })).rejects.toThrow(
        'A source can be fetched by https: and http:, not by',
      );
    },
  );

  it('to a URL with a password is refused', async () => {
    redirect(server, '/start', server.url().replace('http://', 'http://user:password@'));
    await expect(fetchAll({ url: server.url('/start') })).rejects.toThrow('must not hold a user name or password');
  });
});
