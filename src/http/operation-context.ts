import type { Viewer } from '../jobs/commands.ts';

/** What every operation carries, whether it came by POST, by server-sent events or on a socket. */
export interface OperationContext {
  services: object;
  viewer: Viewer;
  requestId: string;
  /** Aborted when the client has gone. */
  signal: AbortSignal;
}
