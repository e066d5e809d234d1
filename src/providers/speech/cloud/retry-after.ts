/** How long a service that has too much to do is left alone when it does not say. */
export const unsaidWaitMs = 15_000;

/** Milliseconds that a header Retry-After asks for: seconds or a date. Undefined where there is none. */
export function readRetryAfter(header: string | null | undefined, now = Date.now()): number | undefined {
  if (header === null || header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, Math.ceil(ms)) : undefined;
}
