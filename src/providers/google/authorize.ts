import { auth } from '@googleapis/sheets';
import { assertNever } from '../../domain/errors.ts';
import {
  sheetsReadScope,
  sheetsScope,
  tokenUrlOf,
  type GoogleEndpoints,
  type GoogleIdentity,
} from './google-identity.ts';

/** What Google's client authorizes its requests with; an API key is a plain text. */
export function authorize(identity: GoogleIdentity, endpoints: GoogleEndpoints, intent: 'READ' | 'WRITE') {
  switch (identity.kind) {
    case 'API_KEY':
      return identity.apiKey;
    case 'ACCOUNT': {
      const client = createOAuthClient(identity.client, endpoints);
      client.setCredentials({ refresh_token: identity.refreshToken });
      return client;
    }
    case 'SERVICE_ACCOUNT':
      return createServiceClient(identity, endpoints, intent === 'READ' ? sheetsReadScope : sheetsScope);
    default:
      return assertNever(identity);
  }
}

export function createOAuthClient({ id, secret }: { id: string; secret: string }, endpoints: GoogleEndpoints) {
  const tokenUrl = tokenUrlOf(endpoints);
  return new auth.OAuth2({
    clientId: id,
    clientSecret: secret,
    ...(tokenUrl === null ? {} : { endpoints: { oauth2TokenUrl: tokenUrl } }),
  });
}

const googleTokenUrl = 'https://oauth2.googleapis.com/token';

function createServiceClient(
  { email, privateKey }: { email: string; privateKey: string },
  endpoints: GoogleEndpoints,
  scope: string,
) {
  const client = new auth.JWT({ email, key: privateKey, scopes: [scope] });
  const tokenUrl = tokenUrlOf(endpoints);
  // This client takes no other URL for its tokens; in its signed assertion Google's own stays the audience.
  if (tokenUrl !== null) {
    client.transporter.interceptors.request.add({
      resolved: async (request) => {
        if (String(request.url) === googleTokenUrl) request.url = new URL(tokenUrl);
        return request;
      },
    });
  }
  return client;
}
