import type { StorageProblem } from '../domain/destination.ts';
import { assertNever } from '../domain/errors.ts';

/** An object store refused, or did not answer. Whether that is anybody's fault but the operator's depends on whose storage it is. */
export class StorageProblemError extends Error {
  readonly problem: StorageProblem;

  constructor(problem: StorageProblem, message: string, cause: Error) {
    super(message, { cause });
    this.name = 'StorageProblemError';
    this.problem = problem;
  }
}

/** What was done, as "write <key>": the message says it. */
export function toStorageProblem(bucket: string, action: string, problem: StorageProblem, cause: Error) {
  return new StorageProblemError(problem, `${bucket}: could not ${action}: ${explain(problem, cause)}`, cause);
}

function explain(problem: StorageProblem, cause: Error): string {
  switch (problem) {
    case 'UNREACHABLE':
      return `it does not answer${codeOf(cause)}. Check the endpoint, and that this server may reach it.`;
    case 'FORBIDDEN_ADDRESS':
      return 'its address is not public, and was not asked. Whoever runs this server can allow its network by LONGHAUL_FETCH_ALLOWED_NETWORKS.';
    case 'NO_BUCKET':
      return 'there is no such bucket. Create it, or correct its name.';
    case 'WRONG_REGION':
      return `the bucket is in ${regionOf(cause) ?? 'another region'}. Give that as its region.`;
    case 'WRONG_CREDENTIALS':
      return 'the credentials are not known there, or the secret does not belong to the key.';
    case 'NO_PERMISSION':
      return 'the credentials do not allow it. They need to read, write, list and delete below the prefix.';
    case 'CLOCK_SKEW':
      return "this server's clock and the storage's are too far apart. Set the clock.";
    case 'OTHER':
      return `it answered ${cause.name}: ${cause.message.slice(0, 200)}`;
    default:
      return assertNever(problem);
  }
}

/** Amazon says which one it is, in the body of its answer or in a header. */
function regionOf(cause: Error): string | null {
  const body = 'Region' in cause ? cause.Region : null;
  const response = '$response' in cause ? cause.$response : null;
  const headers = response && typeof response === 'object' && 'headers' in response ? response.headers : null;
  const header = headers && typeof headers === 'object' ? Object.entries(headers) : [];
  const region = body ?? header.find(([name]) => name.toLowerCase() === 'x-amz-bucket-region')?.[1];
  return typeof region === 'string' && /^[a-z0-9-]{1,40}$/.test(region) ? region : null;
}

/** Never the whole message: it names the address behind the name. */
function codeOf(cause: Error): string {
  return 'code' in cause && typeof cause.code === 'string' ? ` (${cause.code})` : '';
}
