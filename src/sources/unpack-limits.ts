import { UnreadableSourceError } from './unreadable-source-error.ts';

/** How far a packed file may unfold. */
export interface UnpackLimits {
  /** Most bytes that one packed file gives. */
  maxBytes: number;
  /** Unpacked bytes for each packed one; held against files that give more than `maxRatioFrom` bytes. */
  maxRatio: number;
  maxRatioFrom: number;
}

/**
 * Deflate reaches 1,032 : 1 with nothing but one repeated byte; text that people have stays below 100 : 1. What unfolds to
 * little does no harm at any ratio.
 */
export const unpackLimits: UnpackLimits = { maxBytes: 64 * 2 ** 30, maxRatio: 250, maxRatioFrom: 256 * 2 ** 20 };

/** Files that are not read from beginning to end are put down on disk when they were packed. */
export const temporaryFileLimits: UnpackLimits = { ...unpackLimits, maxBytes: 4 * 2 ** 30 };

/** @throws UnreadableSourceError when `unpacked` bytes are too many for a file of `packed` bytes */
export function assertUnpacked(what: string, packed: number, unpacked: number, limits: UnpackLimits): void {
  if (unpacked > limits.maxBytes) {
    throw new UnreadableSourceError(
      `${what} unpacks to more than ${limits.maxBytes} bytes, which is as much as is read. Split it.`,
    );
  }
  if (unpacked > limits.maxRatioFrom && unpacked > packed * limits.maxRatio) {
    throw new UnreadableSourceError(
      `${what} unpacks to more than ${limits.maxRatio} times its size, as no real data does. Send it unpacked.`,
    );
  }
}
