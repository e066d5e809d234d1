import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InvalidInputError } from '../domain/errors.ts';
import type { Settings } from './settings.ts';

/** How Google Sheets are reached; null is what the installation does not have. */
export interface GoogleConfig {
  /** Of another server than Google's own. */
  rootUrl: string | null;
  serviceAccount: { email: string; privateKey: string } | null;
  apiKey: string | null;
  oauthClient: { id: string; secret: string } | null;
}

/** @throws InvalidInputError when the OAuth client is named by half, or the key of the service account is none. */
export function readGoogleConfig(values: Settings): GoogleConfig {
  const { LONGHAUL_GOOGLE_CLIENT_ID: id, LONGHAUL_GOOGLE_CLIENT_SECRET: clientSecret } = values;
  if ((id === undefined) !== (clientSecret === undefined)) {
    throw new InvalidInputError('Set both LONGHAUL_GOOGLE_CLIENT_ID and LONGHAUL_GOOGLE_CLIENT_SECRET, or neither.');
  }
  const key = values.LONGHAUL_GOOGLE_SERVICE_ACCOUNT;
  return {
    rootUrl: values.GOOGLE_SHEETS_ROOT_URL ?? null,
    serviceAccount: key === undefined ? null : readServiceAccount(key),
    apiKey: values.LONGHAUL_GOOGLE_API_KEY ?? null,
    oauthClient: id === undefined || clientSecret === undefined ? null : { id, secret: clientSecret },
  };
}

const serviceAccountSchema = z.object({ client_email: z.email(), private_key: z.string().startsWith('-----BEGIN') });

/** As Google's console gives it for download. Nothing of it goes into an error. */
function readServiceAccount(key: string): GoogleConfig['serviceAccount'] {
  try {
    const text = key.trimStart().startsWith('{') ? key : readFileSync(key, 'utf8');
    const { client_email: email, private_key: privateKey } = serviceAccountSchema.parse(JSON.parse(text));
    return { email, privateKey };
  } catch {
    throw new InvalidInputError(
      'LONGHAUL_GOOGLE_SERVICE_ACCOUNT must be the JSON key of a service account, with client_email and private_key, or the path of a file that holds it.',
    );
  }
}
