import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { GraphQLSchema } from 'graphql';
import type { Logger } from 'pino';
import { createAuthenticator } from '../access/authenticator.ts';
import type { Config } from '../config.ts';
import type { Database } from '../database/database.ts';
import { toError } from '../domain/errors.ts';
import { noMetrics } from '../metrics/metrics.ts';
import type { PrometheusMetrics } from '../metrics/prometheus.ts';
import { answerError, answerThrown, securityHeaders } from '../answer.ts';
import type { Quotas } from '../limits/quotas.ts';
import { createEngine } from './engine.ts';
import { createGraphiql } from './graphiql/graphiql.ts';
import { createHealth } from './health.ts';
import { defaultLimits, type HttpLimits } from './limits.ts';
import { createOriginPolicy, isPreflight } from './origin-policy.ts';
import { createOperations, isStream } from './operations.ts';
import { limitBodyTime } from './slow-clients.ts';
import { createSockets } from './sockets.ts';

type FileHandler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

/** What the router itself needs of the services; resolvers get all of them. */
export interface HttpServices {
  uploads: { receive: FileHandler };
  exports: { download: FileHandler };
  itemFiles: { download: FileHandler };
  templates: { downloadPreview: FileHandler };
  /** Without it requests are not counted. */
  quotas?: Pick<Quotas, 'spend'>;
}

export interface HttpServerDeps {
  config: Pick<Config, 'host' | 'port' | 'secret' | 'jwt'> & Partial<Pick<Config, 'publicUrl' | 'allowedOrigins'>>;
  services: HttpServices;
  database: Database;
  log: Logger;
  /** Without it there is no `/metrics`. */
  metrics?: PrometheusMetrics;
  schema: GraphQLSchema;
  limits?: Partial<HttpLimits>;
  isTemporalReachable?: () => Promise<boolean>;
}

export interface HttpServer {
  server: Server;
  /** @throws Error when the port is taken */
  listen(): Promise<void>;
  /** Where it listens, without a slash at the end: port 0 has become a real one. */
  url(): string;
  /** Finishes the requests in flight, says goodbye to sockets, breaks streams off (their readers come back); takes `limits.closeMs` at most. */
  close(): Promise<void>;
}

/** Everything that listens: GraphQL by POST, GET, server-sent events and WebSocket, GraphiQL, files, health. */
export function createHttpServer(deps: HttpServerDeps): HttpServer {
  const { config, services, database, log, schema, metrics } = deps;
  const limits = { ...defaultLimits, ...deps.limits };
  const authenticator = createAuthenticator({ database, config, log });
  const engine = createEngine({ schema, log, limits, metrics: metrics ?? noMetrics });
  const sockets = createSockets({ engine, services, authenticator, log, limits, metrics: metrics ?? noMetrics });
  const answerOperation = createOperations({ engine, authenticator, services, limits });
  const health = createHealth({ database, isTemporalReachable: deps.isTemporalReachable });
  const graphiql = createGraphiql();
  const { publicUrl, allowedOrigins = [] } = config;
  const origins = createOriginPolicy({ publicUrl, allowedOrigins });
  const headers = new Map(Object.entries(securityHeaders));
  // Whoever came by TLS once shall not come without.
  if (publicUrl?.startsWith('https:')) headers.set('strict-transport-security', 'max-age=31536000');
  const open = new Set<ServerResponse>();
  let isClosing = false;

  async function route(request: IncomingMessage, response: ServerResponse, url: URL, requestId: string): Promise<void> {
    const { method = 'GET' } = request;
    const reads = method === 'GET' || method === 'HEAD';
    if (isPreflight(request)) return origins.answerPreflight(response);
    if (!reads && origins.isStranger(request)) {
      return answerError(response, 403, {
        message: strangerMessage,
        extensions: { code: 'PERMISSION_DENIED', requestId },
      });
    }
    if (!url.pathname.startsWith('/uploads/')) limitBodyTime(request, response, requestId, limits.bodyMs);
    if (url.pathname === '/graphql') {
      if (reads && wantsPage(request)) return await graphiql.answer(request, response);
      return await answerOperation(request, response, requestId);
    }
    if (url.pathname.startsWith('/uploads/')) {
      if (method !== 'PUT' && method !== 'HEAD') return refuseMethod(response, 'PUT, HEAD', requestId);
      return await services.uploads.receive(request, response, url);
    }
    const download = downloadAt(url.pathname);
    if (download) {
      if (!reads) return refuseMethod(response, 'GET, HEAD', requestId);
      return await download(request, response, url);
    }
    if (reads && url.pathname === '/healthz') return health.answerAlive(response);
    if (reads && url.pathname === '/metrics' && metrics) return await metrics.answer(response);
    if (reads && url.pathname === '/readyz') return await health.answerReady(response);
    if (reads && url.pathname === '/' && wantsPage(request)) {
      response.writeHead(302, { location: '/graphql', 'content-length': 0 }).end();
      return;
    }
    const message = `There is nothing at ${url.pathname}. GraphQL is at /graphql.`;
    answerError(response, 404, { message, extensions: { code: 'NOT_FOUND', requestId } });
  }

  function downloadAt(path: string): FileHandler | null {
    if (path.startsWith('/exports/')) return services.exports.download;
    if (path.startsWith('/previews/')) return services.templates.downloadPreview;
    return path.startsWith('/files/') ? services.itemFiles.download : null;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = toRequestId(request.headers['x-request-id']);
    response.setHeader('x-request-id', requestId);
    response.setHeaders(headers);
    origins.permit(request, response);
    if (isClosing) response.setHeader('connection', 'close');
    open.add(response);
    response.once('close', () => open.delete(response));
    try {
      const url = URL.parse(request.url ?? '/', 'http://localhost');
      if (url) return await route(request, response, url, requestId);
      answerError(response, 400, {
        message: 'The URL cannot be read.',
        extensions: { code: 'INVALID_INPUT', requestId },
      });
    } catch (thrown) {
      const error = toError(thrown);
      const isBug = answerThrown(response, error, requestId);
      if (isBug) log.error({ event: 'request.failed', request_id: requestId, err: error }, error.message);
    }
  }

  const server = createServer(
    {
      requestTimeout: 0,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: limits.headersMs,
      keepAliveTimeout: 10_000,
    },
    (request, response) => {
      void handle(request, response);
    },
  );
  // An upload may take hours, but not stand still.
  server.setTimeout(limits.silenceMs);
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', (error) => log.debug({ event: 'socket.error', err: error }, error.message));
    if (request.url?.split('?')[0] !== '/graphql') return refuseUpgrade(stream, '404 Not Found');
    if (origins.isStranger(request)) return refuseUpgrade(stream, '403 Forbidden');
    sockets.accept(request, stream, head);
  });

  const url = () => addressToUrl(server.address());
  return {
    server,
    async listen() {
      server.listen(config.port, config.host);
      await once(server, 'listening');
      log.info({ event: 'http.listening', url: url() }, `Listening at ${url()}`);
    },
    url,
    async close() {
      if (!server.listening) return;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const deadline = setTimeout(() => server.closeAllConnections(), limits.closeMs);
      // A stream that ended in order would say that its job is over.
      isClosing = true;
      for (const response of open) {
        if (isStream(response)) response.destroy();
        // Nothing follows on its connection, which would stay open otherwise.
        else if (!response.headersSent) response.setHeader('connection', 'close');
      }
      await sockets.close();
      server.closeIdleConnections();
      await closed;
      clearTimeout(deadline);
    },
  };
}

const strangerMessage =
  'This page may not send requests here. Name its origin in LONGHAUL_ALLOWED_ORIGINS, or send them from a server.';

function refuseUpgrade(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

function wantsPage({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/html') ?? false;
}

function refuseMethod(response: ServerResponse, allow: string, requestId: string): void {
  const message = `Only ${allow} is possible here.`;
  answerError(response, 405, { message, extensions: { code: 'INVALID_INPUT', requestId } }, { allow });
}

/** The client's own id when it is harmless, so that its log and ours name the same request. */
function toRequestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w.-]{1,64}$/.test(header) ? header : randomUUID();
}

function addressToUrl(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('The server does not listen yet.');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
