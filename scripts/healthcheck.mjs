// node scripts/healthcheck.mjs [path]
// For containers: ends with 0 when the API or the worker of this container answers at /healthz, or at another path.
const { LONGHAUL_PORT = '4000', LONGHAUL_METRICS_PORT } = process.env;
const path = process.argv[2] ?? '/healthz';

/** @param {string} port */
async function ask(port) {
  const { ok, status } = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(4_000) });
  if (!ok) throw new Error(`${path} at port ${port} answers ${status}.`);
}

try {
  await Promise.any([LONGHAUL_PORT, LONGHAUL_METRICS_PORT].filter((port) => port !== undefined).map(ask));
} catch (error) {
  console.error(error instanceof AggregateError ? error.errors.map(String).join('\n') : error);
  process.exitCode = 1;
}
