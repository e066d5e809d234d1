import { expect, test } from 'vitest';
import { readConfig } from './config.ts';

const needed = { LONGHAUL_DATABASE_URL: 'postgres://localhost/longhaul', LONGHAUL_SECRET: 's'.repeat(32) };
const users = { LONGHAUL_JWT_ISSUER: 'https://login.example.com/', LONGHAUL_JWT_AUDIENCE: 'longhaul' };
const secret = { LONGHAUL_JWT_SECRET: 'j'.repeat(32) };
const published = { LONGHAUL_JWT_JWKS_URL: 'https://login.example.com/jwks.json' };

const readJwt = (variables: Record<string, string>) => readConfig({ ...needed, ...variables }).jwt;

test("users' tokens are checked by the algorithms of the one kind of key that is set", () => {
  expect(readJwt({})).toBeNull();
  expect(readJwt({ ...users, ...secret })).toEqual({
    issuer: 'https://login.example.com/',
    audience: 'longhaul',
    algorithms: ['HS256'],
    keys: { kind: 'secret', secret: 'j'.repeat(32) },
  });
  expect(readJwt({ ...users, ...published })).toMatchObject({
    algorithms: ['RS256', 'ES256'],
    keys: { kind: 'published', url: 'https://login.example.com/jwks.json' },
  });
  expect(readJwt({ ...users, ...published, LONGHAUL_JWT_ALGORITHMS: 'EdDSA, PS256' })?.algorithms).toEqual([
    'EdDSA',
    'PS256',
  ]);
});

const serviceAccount = {
  client_email: 'longhaul@example.iam.gserviceaccount.com',
  private_key: '-----BEGIN PRIVATE KEY-----',
};
const readGoogle = (variables: Record<string, string>) => readConfig({ ...needed, ...variables }).google;

test('Google is reached as far as it is configured', () => {
  expect(readGoogle({})).toEqual({ rootUrl: null, serviceAccount: null, apiKey: null, oauthClient: null });
  expect(
    readGoogle({
      LONGHAUL_GOOGLE_SERVICE_ACCOUNT: JSON.stringify(serviceAccount),
      LONGHAUL_GOOGLE_API_KEY: 'key',
      LONGHAUL_GOOGLE_CLIENT_ID: 'id',
      LONGHAUL_GOOGLE_CLIENT_SECRET: 'secret',
    }),
  ).toEqual({
    rootUrl: null,
    serviceAccount: { email: serviceAccount.client_email, privateKey: serviceAccount.private_key },
    apiKey: 'key',
    oauthClient: { id: 'id', secret: 'secret' },
  });
});

test.each([
  ['a service account that is no file', { LONGHAUL_GOOGLE_SERVICE_ACCOUNT: '/nowhere.json' }],
  ['a key of another kind', { LONGHAUL_GOOGLE_SERVICE_ACCOUNT: '{"type":"authorized_user"}' }],
  ['an OAuth client without a secret', { LONGHAUL_GOOGLE_CLIENT_ID: 'id' }],
])('%s cannot be configured for Google', (_, variables) => {
  expect(() => readGoogle(variables)).toThrow(
    /^LONGHAUL_GOOGLE_SERVICE_ACCOUNT must be|^Set both LONGHAUL_GOOGLE_CLIENT_ID/,
  );
});

test.each<[string, Record<string, string>, string]>([
  ['no key', users, 'LONGHAUL_JWT_JWKS_URL or LONGHAUL_JWT_SECRET'],
  ['two kinds of keys', { ...users, ...secret, ...published }, 'either LONGHAUL_JWT_JWKS_URL or LONGHAUL_JWT_SECRET'],
  ['a key alone', secret, 'set LONGHAUL_JWT_ISSUER'],
  ['no audience', { ...secret, LONGHAUL_JWT_ISSUER: 'x' }, 'LONGHAUL_JWT_AUDIENCE'],
  ['a short secret', { ...users, LONGHAUL_JWT_SECRET: 'short' }, 'LONGHAUL_JWT_SECRET'],
  [
    'HS256 beside public keys',
    { ...users, ...published, LONGHAUL_JWT_ALGORITHMS: 'RS256,HS256' },
    '"HS256" is none of',
  ],
  ['RS256 beside a secret', { ...users, ...secret, LONGHAUL_JWT_ALGORITHMS: 'RS256' }, '"RS256" is none of'],
  ['no algorithm', { ...users, ...secret, LONGHAUL_JWT_ALGORITHMS: 'none' }, '"none" is none of'],
  ['a file as keys', { ...users, LONGHAUL_JWT_JWKS_URL: 'file:///etc/passwd' }, 'LONGHAUL_JWT_JWKS_URL'],
])('%s cannot be configured', (_, variables, message) => {
  expect(() => readJwt(variables)).toThrow(message);
});

test('a port that clients cannot be told is refused', () => {
  expect(() => readConfig({ ...needed, LONGHAUL_PORT: '0' })).toThrow('LONGHAUL_PORT');
});
