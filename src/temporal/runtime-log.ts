import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';

let installed = false;

/** Sends what Temporal's SDK has to say, from warnings up, to our log. The SDK has one logger a process: the first call counts. */
export function logTemporal(log: Logger): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    // Who started a worker stops it: otherwise a signal that the process gets, or its whole group, stops it too, unasked.
    shutdownSignals: [],
    logger: new DefaultLogger('WARN', ({ level, message, meta }) => {
      const fields = { event: 'temporal_sdk', ...meta };
      if (level === 'ERROR') log.error(fields, message);
      else log.warn(fields, message);
    }),
  });
}
