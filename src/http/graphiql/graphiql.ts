import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { readExamples } from './examples.ts';

const encodings = ['br', 'gzip', 'identity'] as const;
type Encoding = (typeof encodings)[number];

/** GraphiQL, whole in one page of 9 MB: made at the first visit, compressed once (2 MB), then served from memory. */
export interface Graphiql {
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

interface Page {
  html: Buffer;
  etag: string;
  /** Content-Security-Policy. */
  policy: string;
}

/** The page, made with the first request and kept in each encoding that was asked for. */
export function createGraphiql(): Graphiql {
  let page: Promise<Page> | undefined;
  const bodies = new Map<Encoding, Promise<Buffer>>();

  async function encode(html: Buffer, encoding: Encoding): Promise<Buffer> {
    const known = bodies.get(encoding);
    if (known) return await known;
    const made = compress(html, encoding);
    bodies.set(encoding, made);
    return await made;
  }

  return {
    async answer(request, response) {
      const { html, etag, policy } = await (page ??= renderPage());
      const encoding = chooseEncoding(request.headers['accept-encoding']);
      response.setHeader('etag', `"${etag}-${encoding}"`);
      response.setHeader('vary', 'accept, accept-encoding');
      response.setHeader('cache-control', 'no-cache');
      // With a 304 too: a browser takes its headers for those of its copy.
      response.setHeader('content-security-policy', policy);
      if (request.headers['if-none-match'] === `"${etag}-${encoding}"`) {
        response.writeHead(304).end();
        return;
      }
      const body = await encode(html, encoding);
      if (encoding !== 'identity') response.setHeader('content-encoding', encoding);
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-length': body.length,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    },
  };
}

/** Only the page's own scripts run; nothing is loaded from, sent to or framed by anybody else, whatever the bundle would like. */
const toPolicy = (scripts: readonly string[]) =>
  [
    "default-src 'none'",
    `script-src ${scripts.map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`).join(' ')}`,
    // The editor makes its styles as it goes.
    "style-src 'unsafe-inline'",
    'worker-src blob:',
    'img-src data:',
    'font-src data:',
    "connect-src 'self' data: blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** The bundle's own page has no place for our start script, so the page is put together here. */
async function renderPage(): Promise<Page> {
  const [bundle, boot, examples] = await Promise.all([
    import('@graphql-yoga/render-graphiql/graphiql'),
    readFile(new URL('boot.js', import.meta.url), 'utf8'),
    readExamples(),
  ]);
  const workers = {
    editorWorkerService: bundle.editorWorkerService,
    json: bundle.jsonWorker,
    graphql: bundle.graphqlWorker,
  };
  const scripts = [
    `
const sources = ${toScript(workers)};
const workerUrls = Object.fromEntries(
  Object.entries(sources).map(([name, source]) => [name, URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))]),
);
self.MonacoEnvironment = { globalAPI: false, getWorkerUrl: (_, label) => workerUrls[label] };
`,
    bundle.js,
    `const longhaulExamples = ${toScript(examples)};
${boot}`,
  ];
  const html = Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Longhaul · GraphiQL</title>
<link rel="icon" href="${icon}">
<style>body { margin: 0 } #root { height: 100vh }
${bundle.css}</style>
</head>
<body>
<noscript>GraphiQL needs JavaScript.</noscript>
<div id="root"></div>
${scripts.map((script) => `<script>${script}</script>`).join('\n')}
</body>
</html>
`);
  const etag = createHash('sha256').update(html).digest('base64url').slice(0, 22);
  return { html, etag, policy: toPolicy(scripts) };
}

/** JSON that can stand in a script: no `<` that could end it. */
function toScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', String.raw`\u003c`);
}

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E%3Cpath d='M2 17h3l3-9 4 12 4-16 3 13h3' fill='none' stroke='%230a7' stroke-width='2.5'/%3E%3C/svg%3E";

function chooseEncoding(accepted: string | string[] = ''): Encoding {
  return encodings.find((encoding) => String(accepted).includes(encoding)) ?? 'identity';
}

async function compress(html: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'identity') return html;
  if (encoding === 'gzip') return await promisify(gzip)(html);
  // Quality 11 takes half a minute for a tenth less.
  return await promisify(brotliCompress)(html, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_SIZE_HINT]: html.length },
  });
}
