import { styleText } from 'node:util';
import { DomainError, toError } from '../domain/errors.ts';
import { SetupError } from '../embedded/setup-error.ts';
import { RefusedError } from './quickstart/refused-error.ts';

/** What the user can act on is told in its own words; anything else is a bug and shows where it comes from. */
export function reportFailure(thrown: unknown): void {
  const cross = styleText('red', '✗', { stream: process.stderr });
  process.stderr.write(`${cross} ${explain(toError(thrown))}\n`);
}

/** What went wrong and what to do about it, for people; the stack where nothing better is known. */
export function explain(error: Error): string {
  if (error instanceof SetupError || error instanceof DomainError || error instanceof RefusedError)
    return error.message;
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE' && 'port' in error)
    return `Port ${String(error.port)} is taken by another program.\nStop that one, or choose another port: LONGHAUL_PORT.`;
  if (code === 'ENOSPC') return 'The disk is full. Make room, or set LONGHAUL_DATA_DIR to another disk.';
  if (code === 'ECONNREFUSED' && 'port' in error)
    return `Nothing answers on port ${String(error.port)}. Is the server there running?`;
  return error.stack ?? error.message;
}
