import type { GoogleConfig } from '../config/google-config.ts';
import type { Database } from '../database/database.ts';
import { GoogleAccountEntity, type GoogleAccount } from '../database/entities/google-account.ts';
import { newId } from '../database/new-id.ts';
import { InvalidInputError, NotFoundError, PermissionDeniedError } from '../domain/errors.ts';
import type { Viewer } from '../jobs/commands.ts';
import { createOAuthClient } from '../providers/google/authorize.ts';
import { exchangeGrant, type GoogleGrant } from '../providers/google/exchange-grant.ts';
import { sheetsScope } from '../providers/google/google-identity.ts';
import { sealRefreshToken } from '../secrets/refresh-token.ts';
import { assertName, invalid } from './check-input.ts';

export type { GoogleAccount };

export interface GoogleAccountRequest {
  name: string;
  /** The account that is let in again; a new one when null. */
  accountId: string | null;
  grant: GoogleGrant;
}

/** How the project of a viewer comes to Google Sheets. */
export interface GoogleSheetsAccess {
  /** Address that sheets can be shared with, so that no account has to be connected; null when the installation has none. */
  serviceAccountEmail: string | null;
  /** True when public sheets are read without anything. */
  readsPublicSheets: boolean;
  /** True when accounts can be connected. */
  connectsAccounts: boolean;
  accounts: GoogleAccount[];
}

/** Google accounts that a project may read and write sheets as. Their tokens leave the server for Google alone. */
export interface GoogleAccounts {
  /** @throws InvalidInputError, NotFoundError, PermissionDeniedError when Google refuses the grant */
  connectGoogleAccount(viewer: Viewer, request: GoogleAccountRequest): Promise<GoogleAccount>;
  /** Its token is deleted; jobs that have not read their sheet yet fail. @throws NotFoundError */
  disconnectGoogleAccount(viewer: Viewer, id: string): Promise<void>;
  readGoogleSheetsAccess(viewer: Viewer): Promise<GoogleSheetsAccess>;
  /** The page at which a user lets Longhaul in; Google answers at `redirectUri`. Null without an OAuth client. */
  findAuthorizationUrl(request: { redirectUri: string; state: string; codeChallenge: string | null }): string | null;
}

const maxAccounts = 100;

/** Accounts of projects; refresh tokens are stored sealed under the secret. */
export function createGoogleAccounts({
  database,
  config,
}: {
  database: Database;
  config: { google: GoogleConfig; secret: string };
}): GoogleAccounts {
  const { google, secret } = config;

  async function findAccount(projectId: string, id: string): Promise<GoogleAccount> {
    const account = await database.em().findOne(GoogleAccountEntity, { id, projectId });
    if (!account) throw new NotFoundError(`There is no connected Google account ${id}.`);
    return account;
  }

  return {
    async connectGoogleAccount({ projectId }, { name, accountId, grant }) {
      assertName('name', name);
      const known = accountId === null ? null : await findAccount(projectId, accountId);
      const em = database.em();
      if (!known && (await em.count(GoogleAccountEntity, { projectId })) >= maxAccounts) {
        throw invalid('name', `would be that of account ${maxAccounts + 1}: a project has at most ${maxAccounts}`);
      }
      if (!google.oauthClient) {
        throw new PermissionDeniedError(
          'Accounts cannot be connected to this installation: it needs LONGHAUL_GOOGLE_CLIENT_ID and LONGHAUL_GOOGLE_CLIENT_SECRET.',
        );
      }
      const { refreshToken, email, scopes } = await exchangeGrant(google.oauthClient, google, grant);
      if (scopes && !scopes.some((scope) => scope.startsWith(sheetsScope))) {
        throw new InvalidInputError(
          `The user did not let Longhaul see spreadsheets: ask for the scope ${sheetsScope}, and have it allowed.`,
        );
      }
      const id = known?.id ?? newId();
      const now = new Date();
      const account = {
        id,
        projectId,
        name: name.trim(),
        email: email ?? known?.email ?? null,
        sealedToken: sealRefreshToken(secret, id, refreshToken),
        createdAt: known?.createdAt ?? now,
        connectedAt: now,
      };
      await em.upsert(GoogleAccountEntity, account);
      return account;
    },

    async disconnectGoogleAccount({ projectId }, id) {
      const deleted = await database.em().nativeDelete(GoogleAccountEntity, { id, projectId });
      if (deleted === 0) throw new NotFoundError(`There is no connected Google account ${id}.`);
    },

    readGoogleSheetsAccess: async ({ projectId }) => ({
      serviceAccountEmail: google.serviceAccount?.email ?? null,
      readsPublicSheets: google.serviceAccount !== null || google.apiKey !== null,
      connectsAccounts: google.oauthClient !== null,
      accounts: await database.em().find(GoogleAccountEntity, { projectId }, { orderBy: { id: 'asc' } }),
    }),

    findAuthorizationUrl({ redirectUri, state, codeChallenge }) {
      if (!google.oauthClient) return null;
      const url = createOAuthClient(google.oauthClient, google).generateAuthUrl({
        access_type: 'offline',
        // Only then does Google give a refresh token to somebody who let Longhaul in before.
        prompt: 'consent',
        scope: [sheetsScope, 'openid', 'email'],
        redirect_uri: redirectUri,
        state,
      });
      if (codeChallenge === null) return url;
      return `${url}&code_challenge_method=S256&code_challenge=${encodeURIComponent(codeChallenge)}`;
    },
  };
}
