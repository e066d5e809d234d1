import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerError } from '../answer.ts';

/** A client that sends its body too slowly is told so and cut off, also when it has its answer and nobody reads that body. */
export function limitBodyTime(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  bodyMs: number,
): void {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  if (encoding === undefined && Number(length ?? 0) === 0) return;
  const timer = setTimeout(() => {
    if (request.complete) return;
    if (response.headersSent) return void request.socket.destroy();
    const message = `The body of the request was not there after ${bodyMs / 1_000} s.`;
    answerError(response, 408, { message, extensions: { code: 'INVALID_INPUT', requestId } }, { connection: 'close' });
  }, bodyMs);
  request.once('end', () => clearTimeout(timer));
  timer.unref();
}

/**
 * Cuts off a reader that takes nothing for `silenceMs` to twice that: Yoga turns the socket's own timeout off for streams, so it would be
 * held for ever. The timer is the caller's to clear.
 */
export function cutStalledReader(response: ServerResponse, silenceMs: number): NodeJS.Timeout {
  let waitedBefore = false;
  response.on('drain', () => {
    waitedBefore = false;
  });
  return setInterval(() => {
    if (waitedBefore && response.writableNeedDrain) response.destroy();
    waitedBefore = response.writableNeedDrain;
  }, silenceMs);
}
