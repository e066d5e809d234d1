import { isRefusal, type Authenticator } from '../access/authenticator.ts';
import { PermissionDeniedError, toError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';

/** What a request came with: `project` as its header `Longhaul-Project` has it. */
export interface Credentials {
  authorization: string | null;
  project: string | null;
}

/**
 * Whether credentials that were good still hold: null, or why a session on them must end. Credentials that cannot be checked,
 * because Postgres is away, hold.
 */
export async function findRefusal(
  authenticator: Authenticator,
  { authorization, project }: Credentials,
  before: Viewer,
): Promise<Error | null> {
  try {
    const { scopes } = await authenticator.authenticate(authorization, project);
    const hasLost = before.scopes.some((scope) => !scopes.includes(scope));
    return hasLost ? new PermissionDeniedError('These credentials allow less than before.') : null;
  } catch (thrown) {
    const error = toError(thrown);
    return isRefusal(error) ? error : null;
  }
}
