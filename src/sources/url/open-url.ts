import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { UnreadableSourceError } from '../unreadable-source-error.ts';
import type { UrlAccess, UrlTarget } from './url-access.ts';

export interface OpenedUrl {
  response: IncomingMessage;
  /** After all redirects. */
  url: URL;
}

const maxRedirects = 5;
const redirects = new Set([301, 302, 303, 307, 308]);

/**
 * Sends GET and follows redirects. Every address is checked as it is connected to, those of redirects too, so a name cannot
 * turn into an inner address after it was looked at. The client's own headers stay with the origin that they were given for.
 * @throws UnreadableSourceError for a forbidden address or URL; whatever the connection throws
 */
export async function openUrl(
  access: UrlAccess,
  target: UrlTarget,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<OpenedUrl> {
  const first = parseSourceUrl(target.url);
  let url = first;
  for (let hops = 0; ; hops += 1) {
    const own = url.origin === first.origin ? target.headers.map(({ name, value }) => [name, value]) : [];
    const response = await get(access, url, { ...Object.fromEntries(own), ...headers }, signal);
    const { location } = response.headers;
    if (!redirects.has(response.statusCode ?? 0) || location === undefined) return { response, url };
    response.destroy();
    if (hops === maxRedirects) {
      throw new UnreadableSourceError(`${first.host} redirects more than ${maxRedirects} times: give the last URL.`);
    }
    const next = URL.parse(location, url);
    if (!next) throw new UnreadableSourceError(`${url.host} redirects to something that is no URL.`);
    url = parseSourceUrl(next.href);
  }
}

/** @throws UnreadableSourceError for what is no URL of a file on the web */
export function parseSourceUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url) throw new UnreadableSourceError('The source is no URL: give it like https://host/path/file.csv.');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new UnreadableSourceError(`A source can be fetched by https: and http:, not by ${url.protocol}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new UnreadableSourceError(
      'A URL must not hold a user name or password: send them as the header "authorization".',
    );
  }
  return url;
}

/** @throws UnreadableSourceError for a forbidden address */
function get(
  access: UrlAccess,
  url: URL,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { connectMs = 10_000, idleMs = 60_000, lookup } = access;
  const isSecure = url.protocol === 'https:';
  // A connection of its own for each request: none is checked once and used for another host.
  const options = { keepAlive: false, allowIPAddressList: [...access.allowedNetworks] };
  const agent = isSecure ? new RequestFilteringHttpsAgent(options) : new RequestFilteringHttpAgent(options);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request = (isSecure ? requestHttps : requestHttp)(url, {
    agent,
    // Bytes as they lie there, so that a range of them means the same each time.
    headers: { 'user-agent': 'longhaul', accept: '*/*', ...headers, 'accept-encoding': 'identity' },
    signal,
    ...(lookup ? { lookup } : {}),
  });
  const connecting = setTimeout(() => request.destroy(new TimeoutError('no connection', connectMs)), connectMs);
  request.on('socket', (socket) => {
    socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
    socket.once('close', () => clearTimeout(connecting));
  });
  request.setTimeout(idleMs, () => request.destroy(new TimeoutError('no byte', idleMs)));
  request.once('response', resolve);
  request.on('error', (error) => {
    clearTimeout(connecting);
    reject(isForbidden(error) ? forbidden(url) : error);
  });
  request.end();
  return promise;
}

class TimeoutError extends Error {
  constructor(what: string, ms: number) {
    super(`${what} within ${ms / 1_000} s`);
  }
}

/** The agent has no class of its own for its refusals. */
function isForbidden(error: Error): boolean {
  return error.message.includes('is not allowed. Because');
}

/** Names the host as the client did, never the address behind it. */
function forbidden({ hostname }: URL): UnreadableSourceError {
  return new UnreadableSourceError(
    `${hostname} has an address that is not public, and was not asked. If it is meant, whoever runs this server can allow its network by LONGHAUL_FETCH_ALLOWED_NETWORKS; else upload the file.`,
  );
}
