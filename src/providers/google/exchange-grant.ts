import { InvalidInputError, PermissionDeniedError, ProviderError, toError } from '../../domain/errors.ts';
import { createOAuthClient } from './authorize.ts';
import { readGoogleAnswer } from './google-errors.ts';
import type { GoogleEndpoints } from './google-identity.ts';

/** What a user's consent came to: a code that the browser was sent back with, or a refresh token that was got with it elsewhere. */
export type GoogleGrant =
  | { kind: 'CODE'; code: string; redirectUri: string; codeVerifier: string | null }
  | { kind: 'REFRESH_TOKEN'; refreshToken: string };

export interface ExchangedGrant {
  refreshToken: string;
  /** Of the account; null when Google was not asked for it. */
  email: string | null;
  /** What the user allowed; null when Google does not say. */
  scopes: string[] | null;
}

/** Tries a grant at Google. @throws PermissionDeniedError when Google refuses it, InvalidInputError, ProviderError */
export async function exchangeGrant(
  client: { id: string; secret: string },
  endpoints: GoogleEndpoints,
  grant: GoogleGrant,
): Promise<ExchangedGrant> {
  const tokens = await requestTokens(client, endpoints, grant);
  if (typeof tokens.refresh_token !== 'string') {
    throw new InvalidInputError(
      'Google gave no refresh token: send the user to the authorizationUrl of googleSheetsAccess, which asks for one, and use the code that comes back.',
    );
  }
  return {
    refreshToken: tokens.refresh_token,
    email: tokens.id_token ? readEmail(tokens.id_token) : null,
    scopes: tokens.scope?.split(' ') ?? null,
  };
}

async function requestTokens(client: { id: string; secret: string }, endpoints: GoogleEndpoints, grant: GoogleGrant) {
  const oauth = createOAuthClient(client, endpoints);
  try {
    if (grant.kind === 'REFRESH_TOKEN') {
      oauth.setCredentials({ refresh_token: grant.refreshToken });
      return (await oauth.refreshAccessToken()).credentials;
    }
    const { code, redirectUri, codeVerifier } = grant;
    const request = { code, redirect_uri: redirectUri, ...(codeVerifier === null ? {} : { codeVerifier }) };
    return (await oauth.getToken(request)).tokens;
  } catch (thrown) {
    const { status, message } = readGoogleAnswer(toError(thrown));
    if (status === null || status >= 500) {
      throw new ProviderError(`Google cannot be reached: ${message}`, { provider: 'google', retryAfterMs: 5_000 });
    }
    throw new PermissionDeniedError(
      `Google does not accept the ${grant.kind === 'CODE' ? 'code' : 'refresh token'}: ${message}. A code works once, for some minutes, with the redirectUri that it was asked for with; a refresh token belongs to one OAuth client.`,
    );
  }
}

/** It came from Google itself just now, so its signature says nothing more. */
function readEmail(idToken: string): string | null {
  const payload = Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString();
  const [, email] = /"email":\s*"([^"\\]{3,320})"/.exec(payload) ?? [];
  return email ?? null;
}
