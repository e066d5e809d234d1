import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { GraphQLError, type ExecutionArgs } from 'graphql';
import { CloseCode, handleProtocols, makeServer, type Context, type SubscribePayload } from 'graphql-ws';
import type { Logger } from 'pino';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { isRefusal, type Authenticator } from '../access/authenticator.ts';
import { UnauthenticatedError, toError } from '../domain/errors.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Viewer } from '../jobs/commands.ts';
import type { Quotas } from '../limits/quotas.ts';
import { callAt } from './call-at.ts';
import { callerOf } from './caller-of.ts';
import type { Engine } from './engine.ts';
import { findRefusal, type Credentials } from './find-refusal.ts';
import type { HttpLimits } from './limits.ts';
import type { OperationContext } from './operation-context.ts';
import { publishError } from './publish-errors.ts';
import { createSocketSender } from './socket-sender.ts';
import { countRequest } from './spend-request.ts';

const closeCodes = { goingAway: 1001, tryAgainLater: 1013 } as const;

interface Connection {
  socket: WebSocket;
  left: AbortController;
  credentials: Credentials;
  viewer: Viewer | null;
}

type Session = Context<Record<string, unknown>, Connection>;

/** The sub-protocol graphql-transport-ws on WebSockets. */
export interface Sockets {
  /** Takes over the connection of an upgrade request. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Says goodbye to all (1001: clients come back), and cuts off who has not left after `limits.closeMs`. */
  close(): Promise<void>;
}

export interface SocketsDeps {
  engine: Engine;
  services: { quotas?: Pick<Quotas, 'spend'> };
  authenticator: Authenticator;
  log: Logger;
  limits: HttpLimits;
  metrics: Metrics;
}

/** A WebSocket server without a port of its own: the HTTP server hands upgrades over. */
export function createSockets({ engine, services, authenticator, log, limits, metrics }: SocketsDeps): Sockets {
  const { execute, subscribe } = engine.getEnveloped();
  const socketsByCaller = new Map<string, number>();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: limits.messageBytes,
    perMessageDeflate: false,
    handleProtocols,
  });

  const protocol = makeServer<Record<string, unknown>, Connection>({
    onConnect: connect,
    onSubscribe: prepare,
    execute,
    subscribe,
    onClose: ({ extra }) => forget(extra),
  });

  async function connect({ extra, connectionParams }: Session): Promise<boolean> {
    const { authorization, project } = connectionParams ?? {};
    extra.credentials = {
      authorization: typeof authorization === 'string' ? authorization : null,
      project: typeof project === 'string' ? project : null,
    };
    const viewer = await identify(extra);
    if (viewer === null) return false;
    const open = socketsByCaller.get(callerOf(viewer)) ?? 0;
    if (open >= limits.socketsPerKey) {
      extra.socket.close(closeCodes.tryAgainLater, `These credentials have ${open} sockets open, which is the limit.`);
      return false;
    }
    // A socket that closed while its credentials were looked up has been forgotten already.
    if (extra.left.signal.aborted) return false;
    socketsByCaller.set(callerOf(viewer), open + 1);
    extra.viewer = viewer;
    if (viewer.expiresAt) {
      const expired = new UnauthenticatedError('The credentials have expired.');
      const giveUp = callAt(viewer.expiresAt, () => forbid(extra.socket, expired));
      extra.left.signal.addEventListener('abort', giveUp, { once: true });
    }
    return true;
  }

  /** Who asks; null when the socket was closed because the credentials don't hold, or cannot be checked. */
  async function identify({ socket, credentials }: Connection): Promise<Viewer | null> {
    try {
      return await authenticator.authenticate(credentials.authorization, credentials.project);
    } catch (thrown) {
      const error = toError(thrown);
      if (isRefusal(error)) forbid(socket, error);
      else socket.close(closeCodes.tryAgainLater, 'The credentials cannot be checked in this moment.');
      return null;
    }
  }

  async function endIfRefused({ socket, credentials, viewer }: Connection): Promise<void> {
    if (viewer === null) return;
    const refusal = await findRefusal(authenticator, credentials, viewer);
    if (refusal) forbid(socket, refusal);
  }

  /** Parses and validates here: what graphql-ws does itself would close the socket over one syntax error. */
  async function prepare(
    session: Session,
    _id: string,
    payload: SubscribePayload,
  ): Promise<ExecutionArgs | readonly GraphQLError[]> {
    const requestId = randomUUID();
    const { viewer, left } = session.extra;
    try {
      if (viewer === null) throw new UnauthenticatedError();
      if (Object.keys(session.subscriptions).length > limits.operationsPerSocket) {
        throw new GraphQLError(`A socket carries at most ${limits.operationsPerSocket} operations at a time.`, {
          extensions: { code: 'LIMIT_EXCEEDED' },
        });
      }
      if (services.quotas) await countRequest(services.quotas, viewer);
      const context: OperationContext = { services, viewer, requestId, signal: left.signal };
      const { schema, contextFactory, parse, validate } = engine.getEnveloped(context);
      const document = parse(payload.query);
      const problems = validate(schema, document);
      if (problems.length > 0) return problems.map((problem: GraphQLError) => publishError(problem, requestId, log));
      return {
        schema,
        document,
        operationName: payload.operationName,
        variableValues: payload.variables,
        contextValue: await contextFactory(),
      };
    } catch (thrown) {
      return [publishError(toError(thrown), requestId, log)];
    }
  }

  function forget({ viewer, left }: Connection): void {
    left.abort();
    if (viewer === null) return;
    const caller = callerOf(viewer);
    const open = (socketsByCaller.get(caller) ?? 1) - 1;
    if (open > 0) socketsByCaller.set(caller, open);
    else socketsByCaller.delete(caller);
  }

  function open(socket: WebSocket, stream: Duplex): void {
    const credentials: Credentials = { authorization: null, project: null };
    const connection: Connection = { socket, left: new AbortController(), credentials, viewer: null };
    const fail = (thrown: unknown) => {
      log.warn({ event: 'socket.failed', err: toError(thrown) }, 'A WebSocket is closed because of an error.');
      socket.close(CloseCode.InternalServerError, 'Internal server error');
    };
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: createSocketSender({ ...connection, stream, bufferedBytes: limits.bufferedBytes }),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) => socket.on('message', (data) => void handle(toText(data)).catch(fail)),
      },
      connection,
    );
    const socketClosed = metrics.socketOpened();
    const watch = keepAlive(socket, limits.keepAliveMs, () => {
      void endIfRefused(connection);
    });
    // A broken frame, or one that is too large: ws closes the socket itself, with the right code.
    socket.on('error', (error) => log.debug({ event: 'socket.error', err: error }, error.message));
    socket.once('close', (code, reason) => {
      clearInterval(watch);
      socketClosed();
      connection.left.abort();
      void closed(code, String(reason)).catch(fail);
    });
  }

  return {
    accept: (request, stream, head) => server.handleUpgrade(request, stream, head, (socket) => open(socket, stream)),
    async close() {
      // First: nobody would say goodbye to a socket that is opened from now on, and the end would wait for it.
      server.close();
      const clients = [...server.clients];
      const gone = clients.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
      for (const socket of clients) socket.close(closeCodes.goingAway, 'The server is going away.');
      const deadline = setTimeout(() => clients.forEach((socket) => socket.terminate()), limits.closeMs);
      await Promise.all(gone);
      clearTimeout(deadline);
    },
  };
}

/** A reason holds 123 bytes; what is cut off may be half a character. */
function forbid(socket: WebSocket, error: Error): void {
  const reason = Buffer.from(`Forbidden: ${error.message}`)
    .subarray(0, 120)
    .toString('utf8')
    .replace(/\uFFFD$/, '');
  socket.close(CloseCode.Forbidden, reason);
}

function toText(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8');
}

/** Finds out that a client has gone, or has stopped reading, when its connection does not say so. */
function keepAlive(socket: WebSocket, everyMs: number, onTick: () => void): NodeJS.Timeout {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  return setInterval(() => {
    if (socket.readyState !== socket.OPEN) return;
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
    onTick();
  }, everyMs);
}
