import { generateKeyPairSync } from 'node:crypto';
import type { TestClient } from './graphql-client.ts';
import { s3Keys } from './object-stores.ts';

/** A bucket of the S3 server, or of what stands before it, as `place` of `connectDestination`. */
export function s3Place(bucket: string, endpoint: string) {
  return { s3: { bucket, prefix: 'ours', endpoint, ...s3Keys.owner } };
}

/** The same at Google, where the installation says. */
export function gcsPlace(bucket: string) {
  return { gcs: { bucket, prefix: 'ours', serviceAccountKey: JSON.stringify(createServiceAccount()) } };
}

/** The file of a key that nobody knows: the server under test does not ask. */
export function createServiceAccount() {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return { type: 'service_account', client_email: 'a@b.iam.gserviceaccount.com', private_key: privateKey };
}

/** Its global id. */
export async function connectDestination(
  client: TestClient,
  name: string,
  place: Record<string, unknown>,
): Promise<string> {
  const answer = await client.query<{ connectDestination: { destination: { id: string } } }>(
    `mutation ($input: ConnectDestinationInput!) { connectDestination(input: $input) {
       ... on ConnectDestinationPayload { destination { id } } } }`,
    { input: { name, place } },
  );
  return answer.connectDestination.destination.id;
}
