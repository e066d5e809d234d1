import { SignJWT } from 'jose';
import type { JwtConfig } from '../../src/config/jwt-config.ts';

/** `LONGHAUL_SECRET` of the servers that tests start in their own process. */
export const testSecret = 'a secret that is known to tests only';

const signingSecret = 'the secret of those who sign tokens';

/** Users whose tokens `signUserToken` makes. */
export const testJwt: JwtConfig = {
  issuer: 'https://login.example.com/',
  audience: 'longhaul',
  algorithms: ['HS256'],
  keys: { kind: 'secret', secret: signingSecret },
};

/** A token as an identity provider makes it; it works for an hour. */
export async function signUserToken(userId: string): Promise<string> {
  return await new SignJWT({ name: 'Ada' })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setIssuer(testJwt.issuer)
    .setAudience(testJwt.audience)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(signingSecret));
}
