import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from 'jose';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JwtConfig } from '../config/jwt-config.ts';
import { UnauthenticatedError } from '../domain/errors.ts';
import { KeysUnavailableError } from './keys-unavailable-error.ts';
import { createUserTokenReader } from './user-token.ts';

const log = pino({ level: 'silent' });
const issuer = 'https://login.example.com/';
const audience = 'longhaul';
const secret = 'the secret of those who sign tokens';

interface Signer {
  alg: string;
  kid: string;
  key: CryptoKey;
  jwk: JWK;
}

/** An identity provider's endpoint, over real HTTP. */
const provider = { keys: [] as JWK[], isUp: true, requests: 0 };
const server = createServer((_, response) => {
  provider.requests += 1;
  response.writeHead(provider.isUp ? 200 : 503, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ keys: provider.keys }));
});
let url: string;
let rsa: Signer;
let ec: Signer;
let next: Signer;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server on TCP has such an address.
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  [rsa, ec, next] = await Promise.all([makeSigner('RS256', 'a'), makeSigner('ES256', 'b'), makeSigner('RS256', 'c')]);
});
afterAll(() => void server.close());

async function makeSigner(alg: string, kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, key: privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg } };
}

function sign(claims: JWTPayload, { alg, kid, key }: Pick<Signer, 'alg' | 'kid'> & { key: CryptoKey | Uint8Array }) {
  const soon = Math.floor(Date.now() / 1_000) + 600;
  return new SignJWT({ iss: issuer, aud: audience, sub: 'ada', exp: soon, ...claims })
    .setProtectedHeader({ alg, kid })
    .sign(key);
}

const bySecret = (key = secret, alg = 'HS256') => ({ alg, kid: '', key: new TextEncoder().encode(key) });

function readSecret() {
  const config: JwtConfig = { issuer, audience, algorithms: ['HS256'], keys: { kind: 'secret', secret } };
  return createUserTokenReader(config, log);
}

/** Starts anew: nothing fetched, nothing asked for yet. */
function readPublished(keys: readonly Signer[], times?: { refreshMs: number; pauseMs: number }) {
  Object.assign(provider, { keys: keys.map(({ jwk }) => jwk), isUp: true, requests: 0 });
  const config: JwtConfig = { issuer, audience, algorithms: ['RS256', 'ES256'], keys: { kind: 'published', url } };
  return createUserTokenReader(config, log, times);
}

const now = () => Math.floor(Date.now() / 1_000);

test('a token says who its user is and until when; names fall back to the id', async () => {
  const read = readSecret();
  const exp = now() + 600;
  expect(await read(await sign({ exp, name: 'Ada', email: 'ada@example.com' }, bySecret()))).toEqual({
    userId: 'ada',
    name: 'Ada',
    expiresAt: new Date((exp + 30) * 1_000),
  });
  expect(await read(await sign({ email: 'ada@example.com', name: 'nul \0' }, bySecret()))).toMatchObject({
    name: 'ada@example.com',
  });
  expect(await read(await sign({}, bySecret()))).toMatchObject({ name: 'ada' });
});

test('clocks may be half a minute apart, and no more', async () => {
  const read = readSecret();
  await read(await sign({ exp: now() - 10 }, bySecret()));
  await read(await sign({ nbf: now() + 10 }, bySecret()));
  await expect(read(await sign({ exp: now() - 60 }, bySecret()))).rejects.toThrow('The token has expired.');
  await expect(read(await sign({ nbf: now() + 60 }, bySecret()))).rejects.toThrow('The claim "nbf"');
});

test.each<[string, JWTPayload, string]>([
  ['no expiry', { exp: undefined }, 'The claim "exp" of the token is missing'],
  ['no subject', { sub: undefined }, 'The claim "sub" of the token is missing'],
  ['an empty subject', { sub: ' ' }, 'The claim "sub" of the token must be text'],
  ['a subject with a NUL', { sub: 'a\0' }, 'The claim "sub" of the token must be text'],
  ['another issuer', { iss: 'https://evil.example.com/' }, 'The claim "iss" of the token is missing or not'],
  ['no issuer', { iss: undefined }, 'The claim "iss" of the token is missing or not'],
  ['another audience', { aud: 'another' }, 'The claim "aud" of the token is missing or not'],
])('a token with %s is refused', async (_, claims, message) => {
  const refusal = readSecret()(await sign(claims, bySecret()));
  await expect(refusal).rejects.toThrow(UnauthenticatedError);
  await expect(refusal).rejects.toThrow(message);
});

test('a token is refused that is signed by another secret, by another algorithm, or by nobody', async () => {
  const read = readSecret();
  await expect(read(await sign({}, bySecret('some other secret of somebody else')))).rejects.toThrow('signature');
  await expect(read(await sign({}, bySecret(secret, 'HS512')))).rejects.toThrow('algorithm');
  const [, body] = (await sign({}, bySecret())).split('.');
  const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
  for (const token of [`${none}.${body}.`, 'a.b.c', '..', `${none}.${body}.AAAA`]) {
    await expect(read(token)).rejects.toThrow(UnauthenticatedError);
  }
});

test('published keys are fetched once, whatever their kind, and each token is checked with its own', async () => {
  const read = readPublished([rsa, ec]);
  const tokens = await Promise.all([sign({}, rsa), sign({}, ec), sign({}, rsa)]);
  expect(await Promise.all(tokens.map(read))).toMatchObject([{ userId: 'ada' }, { userId: 'ada' }, { userId: 'ada' }]);
  expect(provider.requests).toBe(1);
  await expect(read(await sign({}, { ...rsa, key: next.key }))).rejects.toThrow('signature');
});

test('a public key is no secret: tokens that were signed with it as one are refused', async () => {
  const read = readPublished([rsa]);
  const { publicKey } = await generateKeyPair('RS256', { extractable: true });
  const pem = await exportSPKI(publicKey);
  for (const text of [pem, JSON.stringify(rsa.jwk), rsa.jwk.n ?? '']) {
    const key = new TextEncoder().encode(text);
    await expect(read(await sign({}, { alg: 'HS256', kid: rsa.kid, key }))).rejects.toThrow('algorithm');
  }
});

test('a key that is new is fetched at once; made-up keys are not asked for again and again', async () => {
  const rotating = readPublished([rsa], { refreshMs: 600_000, pauseMs: 0 });
  await rotating(await sign({}, rsa));
  provider.keys = [next.jwk];
  expect(await rotating(await sign({}, next))).toMatchObject({ userId: 'ada' });
  await expect(rotating(await sign({}, rsa))).rejects.toThrow('signed by a key that is not known');

  const pausing = readPublished([rsa], { refreshMs: 600_000, pauseMs: 600_000 });
  await pausing(await sign({}, rsa));
  for (const kid of ['x', 'y', 'z']) {
    await expect(pausing(await sign({}, { ...rsa, kid }))).rejects.toThrow('signed by a key that is not known');
  }
  expect(provider.requests).toBe(1);
});

test('while the endpoint is down the known keys go on, and others cannot be told apart from new ones', async () => {
  const read = readPublished([rsa], { refreshMs: 0, pauseMs: 0 });
  await read(await sign({}, rsa));
  provider.isUp = false;
  for (let n = 0; n < 3; n += 1) expect(await read(await sign({}, rsa))).toMatchObject({ userId: 'ada' });
  await expect(read(await sign({}, next))).rejects.toThrow(KeysUnavailableError);
  provider.isUp = true;
  provider.keys = [next.jwk];
  expect(await read(await sign({}, next))).toMatchObject({ userId: 'ada' });
});

test('without any key nobody is refused for good', async () => {
  const read = readPublished([rsa], { refreshMs: 0, pauseMs: 0 });
  provider.isUp = false;
  await expect(read(await sign({}, rsa))).rejects.toThrow(KeysUnavailableError);
  provider.isUp = true;
  expect(await read(await sign({}, rsa))).toMatchObject({ userId: 'ada' });
});
