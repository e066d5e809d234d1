import type { LookupFunction } from 'node:net';

/** What may be fetched from URLs, and how long it may take. */
export interface UrlAccess {
  /** Addresses and CIDR blocks that may be reached though they are not public. */
  allowedNetworks: readonly string[];
  /** Largest file. */
  maxBytes: number;
  /** For a whole file, all connections together. */
  timeoutMs: number;
  /** Until a connection stands. */
  connectMs?: number;
  /** Without a byte, on a connection that stands. */
  idleMs?: number;
  /** Before the first further try; each next one waits twice as long. */
  retryMs?: number;
  /** How names become addresses; the resolver of the machine unless given. */
  lookup?: LookupFunction;
}

export interface UrlTarget {
  url: string;
  headers: readonly { name: string; value: string }[];
}
