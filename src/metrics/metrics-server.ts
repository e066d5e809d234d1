import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Logger } from 'pino';
import { answerError, answerJson, answerThrown, securityHeaders } from '../answer.ts';
import { toError } from '../domain/errors.ts';
import type { PrometheusMetrics } from './prometheus.ts';

/** `/healthz` and `/metrics` of a process that serves nothing else. @throws Error when the port is taken */
export async function startMetricsServer({
  host,
  port,
  metrics,
  log,
}: {
  host: string;
  port: number;
  metrics: PrometheusMetrics;
  log: Logger;
}): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    response.setHeaders(new Map(Object.entries(securityHeaders)));
    const path = request.url?.split('?')[0];
    if (path === '/healthz') return answerJson(response, 200, { status: 'alive' });
    if (path === '/metrics') {
      metrics.answer(response).catch((thrown: unknown) => answerThrown(response, toError(thrown), 'metrics'));
      return;
    }
    const message = 'There is nothing here but /healthz and /metrics.';
    answerError(response, 404, { message, extensions: { code: 'NOT_FOUND' } });
  });
  server.listen(port, host);
  await once(server, 'listening');
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;
  log.info({ event: 'metrics.listening', port: listening }, `Metrics are at port ${listening}`);
  return {
    port: listening,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
