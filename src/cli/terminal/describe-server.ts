import { join } from 'node:path';
import { styleText } from 'node:util';
import type { LocalServer } from '../../embedded/supervisor.ts';
import { shortestPath } from './shortest-path.ts';

/** Where everything is, the key, and a request to paste. */
export function describeServer({
  config,
  apiKey,
  temporalUiUrl,
}: Pick<LocalServer, 'config' | 'apiKey' | 'temporalUiUrl'>): string {
  const endpoint = `${config.publicUrl}/graphql`;
  const near = (name: string) => shortestPath(join(config.dataDir, name));
  const rows = [
    ['GraphiQL', styleText('cyan', `${endpoint}#key=${apiKey}`)],
    ['Temporal UI', styleText('cyan', temporalUiUrl)],
    ['API key', `${apiKey} ${styleText('dim', `(kept in ${near('api-key')})`)}`],
    ['Logs', near('logs')],
  ] as const;
  const query = '{ jobs(first: 5) { edges { node { id title state message } } } }';
  return [
    '',
    `${styleText(['green', 'bold'], '✓ Longhaul is serving.')} ${styleText('dim', 'Ctrl-C stops it.')}`,
    '',
    ...rows.map(([name, value]) => `  ${name.padEnd(13)}${value}`),
    '',
    styleText('dim', '  A request to paste:'),
    `  curl -s ${endpoint} \\`,
    `    -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' \\`,
    `    -d '${JSON.stringify({ query })}'`,
    '',
  ].join('\n');
}
