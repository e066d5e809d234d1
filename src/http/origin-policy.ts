import type { IncomingMessage, ServerResponse } from 'node:http';

/** Which web pages may use the API from a browser. Who calls it without a browser names no origin, and is not asked. */
export interface OriginPolicy {
  /** The request comes from a page that is neither ours nor listed. */
  isStranger(request: IncomingMessage): boolean;
  /** Lets a page of a listed origin read the answer. */
  permit(request: IncomingMessage, response: ServerResponse): void;
  /** Answers when the browser asks beforehand whether a page may send its request. */
  answerPreflight(response: ServerResponse): void;
}

/** Browsers ask again after so many seconds. */
const preflightSeconds = 600;

/**
 * Origins are compared whole with the list, never reflected. Credentials that browsers add by themselves are never allowed:
 * keys come in headers that the page sets. Without them "*" is possible for the rest; "authorization" must still be named.
 */
export function createOriginPolicy({
  publicUrl,
  allowedOrigins,
}: {
  publicUrl: string | undefined;
  allowedOrigins: readonly string[];
}): OriginPolicy {
  const listed = new Set(allowedOrigins);
  const own = publicUrl === undefined ? null : new URL(publicUrl).origin;

  return {
    isStranger({ headers: { origin, host } }) {
      if (origin === undefined || origin === own || listed.has(origin)) return false;
      return URL.parse(origin)?.host !== host;
    },
    permit({ headers: { origin } }, response) {
      if (listed.size > 0) response.appendHeader('vary', 'origin');
      if (origin === undefined || !listed.has(origin)) return;
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', '*');
    },
    answerPreflight(response) {
      if (response.hasHeader('access-control-allow-origin')) {
        response.setHeader('access-control-allow-methods', '*');
        response.setHeader('access-control-allow-headers', 'authorization, *');
        response.setHeader('access-control-max-age', preflightSeconds);
      }
      response.writeHead(204).end();
    },
  };
}

/** A request that a browser sends by itself, ahead of the real one. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}
