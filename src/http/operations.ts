import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, propagation } from '@opentelemetry/api';
import type { Authenticator } from '../access/authenticator.ts';
import type { Viewer } from '../jobs/commands.ts';
import { callAt } from './call-at.ts';
import type { Engine } from './engine.ts';
import { findRefusal, type Credentials } from './find-refusal.ts';
import type { HttpLimits } from './limits.ts';
import type { HttpServices } from './server.ts';
import { cutStalledReader } from './slow-clients.ts';
import { spendRequest } from './spend-request.ts';

interface OperationsDeps {
  engine: Engine;
  authenticator: Authenticator;
  services: HttpServices;
  limits: HttpLimits;
}

export type AnswerOperation = (request: IncomingMessage, response: ServerResponse, requestId: string) => Promise<void>;

/** Answers operations over HTTP, by whom the credentials name. What refuses them before they run is thrown. */
export function createOperations({ engine, authenticator, services, limits }: OperationsDeps): AnswerOperation {
  /** Without saying that a stream is complete: its reader comes back, and is told why it is refused. */
  function endWithCredentials(response: ServerResponse, credentials: Credentials, viewer: Viewer): void {
    if (response.closed) return;
    const end = () => {
      if (isStream(response)) response.destroy();
    };
    const endIfRefused = async () => {
      if (isStream(response) && (await findRefusal(authenticator, credentials, viewer))) end();
    };
    const watch = setInterval(() => void endIfRefused(), limits.keepAliveMs);
    const giveUp = viewer.expiresAt && callAt(viewer.expiresAt, end);
    response.once('close', () => {
      clearInterval(watch);
      giveUp?.();
    });
  }

  return async (request, response, requestId) => {
    const left = new AbortController();
    const stalled = cutStalledReader(response, limits.silenceMs);
    response.once('close', () => {
      clearInterval(stalled);
      left.abort();
    });
    const credentials = toCredentials(request);
    const viewer = await authenticator.authenticate(credentials.authorization, credentials.project);
    endWithCredentials(response, credentials, viewer);
    if (services.quotas) await spendRequest(services.quotas, viewer, response);
    // The trace of the caller, when it has one, goes on with this operation.
    const caller = propagation.extract(context.active(), request.headers);
    await context.with(caller, async () => {
      await engine(request, response, { services, viewer, requestId, signal: left.signal });
    });
  };
}

function toCredentials({ headers }: IncomingMessage): Credentials {
  const project = headers['longhaul-project'];
  return { authorization: headers.authorization ?? null, project: typeof project === 'string' ? project : null };
}

/** True for server-sent events. */
export function isStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream');
}
