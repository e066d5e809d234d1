import type { ServerResponse } from 'node:http';
import { LimitExceededError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import type { Quotas, QuotaState } from '../limits/quotas.ts';

/** Counts a request of a user and of his project, and answers what is left; null where nothing is limited. @throws LimitExceededError */
export async function countRequest(quotas: Pick<Quotas, 'spend'>, viewer: Viewer): Promise<QuotaState | null> {
  const project = await quotas.spend(viewer, 'PROJECT_REQUESTS');
  return (await quotas.spend(viewer, 'REQUESTS')) ?? project;
}

/**
 * Counts a request over HTTP, and says in its answer's headers what is left: X-RateLimit-Limit, -Remaining, and -Reset in seconds since
 * 1970, of the user's own limit or else of the project's. @throws LimitExceededError
 */
export async function spendRequest(
  quotas: Pick<Quotas, 'spend'>,
  viewer: Viewer,
  response: ServerResponse,
): Promise<void> {
  const say = ({ limit, remaining, resetsAt }: { limit: number; remaining: number; resetsAt: Date | null }) => {
    response.setHeader('x-ratelimit-limit', limit);
    response.setHeader('x-ratelimit-remaining', remaining);
    if (resetsAt) response.setHeader('x-ratelimit-reset', Math.ceil(resetsAt.getTime() / 1_000));
  };
  try {
    const left = await countRequest(quotas, viewer);
    if (left) say(left);
  } catch (error) {
    if (error instanceof LimitExceededError) say(error);
    throw error;
  }
}
