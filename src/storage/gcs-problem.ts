import type { StorageProblem } from '../domain/destination.ts';

const unreachable =
  /^(ECONN|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|EHOST|ENET|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|EPROTO)/;

/** What an error of the SDK means; null for one that is none of its own, and for a file that is not there. */
export function findGcsProblem(error: Error): StorageProblem | null {
  const code = 'code' in error ? String(error.code) : '';
  if (unreachable.test(code) || error.name === 'TimeoutError') return 'UNREACHABLE';
  if (/invalid_grant/i.test(error.message))
    return /iat|exp|clock/i.test(error.message) ? 'CLOCK_SKEW' : 'WRONG_CREDENTIALS';
  if (/Could not load the default credentials|PEM|DECODER|account not found|invalid_client/i.test(error.message))
    return 'WRONG_CREDENTIALS';
  const status = Number(code);
  if (Number.isNaN(status) || status < 400) return null;
  if (status === 404) return /bucket/i.test(error.message) ? 'NO_BUCKET' : null;
  if (status === 412) return null;
  if (status === 401) return 'WRONG_CREDENTIALS';
  if (status === 403) return 'NO_PERMISSION';
  return status === 429 || status >= 500 ? 'UNREACHABLE' : 'OTHER';
}
