import type { ServerResponse } from 'node:http';
import { LimitExceededError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import type { Quotas } from '../limits/quotas.ts';

/**
 * Counts a request, and says in its answer's headers what is left: X-RateLimit-Limit, -Remaining, and -Reset in seconds since
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
    const project = await quotas.spend(viewer, 'PROJECT_REQUESTS');
    const left = (await quotas.spend(viewer, 'REQUESTS')) ?? project;
    if (left) say(left);
  } catch (error) {
    if (error instanceof LimitExceededError) say(error);
    throw error;
  }
}
