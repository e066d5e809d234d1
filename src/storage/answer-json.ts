import type { ServerResponse } from 'node:http';

/** Answers with a small JSON document, to HEAD with its headers alone. */
export function answerJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = `${JSON.stringify(body)}\n`;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}

/** The one answer to a link that is wrong in any way: it tells strangers nothing. */
export function answerNotFound(response: ServerResponse): void {
  answerJson(response, 404, {
    error: { code: 'NOT_FOUND', message: 'This link is not valid or has expired. Ask for a new one.' },
  });
}
