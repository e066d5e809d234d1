import type { ApiKey } from '../src/access/access.ts';
import { InvalidInputError, NotFoundError } from '../src/domain/errors.ts';
import { ApiKeyType } from './api-key.ts';
import { builder } from './builder.ts';
import { ScopeEnum } from './enums.ts';
import { getUuid } from './global-id.ts';

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'A key to make.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What lists and journals call it, at most 200 characters.' }),
    scopes: t.field({ type: [ScopeEnum], required: true, description: 'What it is for.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it stops working; never when left out.' }),
  }),
});

const CreateApiKeyPayload = builder.objectRef<{ key: string; apiKey: ApiKey }>('CreateApiKeyPayload').implement({
  description: 'The key is made.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The key itself: it is shown here and never again.' }),
    apiKey: t.expose('apiKey', { type: ApiKeyType, description: 'What is kept of it.' }),
  }),
});

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeyPayload,
    access: 'ADMIN',
    description: 'Makes an API key of the project.',
    errors: { types: [InvalidInputError], union: { description: 'What became of `createApiKey`.' } },
    args: { input: t.arg({ type: CreateApiKeyInput, required: true, description: 'The key to make.' }) },
    resolve: (_, { input }, { services, viewer }) =>
      services.access.createApiKey(viewer, {
        name: input.name,
        scopes: input.scopes,
        expiresAt: input.expiresAt ?? null,
      }),
  }),
);

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'Which key `revokeApiKey` is about.',
  fields: (t) => ({ apiKeyId: t.id({ required: true, description: 'The `id` of the key, global or plain.' }) }),
});

const RevokeApiKeyPayload = builder.objectRef<{ apiKey: ApiKey }>('RevokeApiKeyPayload').implement({
  description: 'The key is revoked.',
  fields: (t) => ({ apiKey: t.expose('apiKey', { type: ApiKeyType, description: 'The key after it.' }) }),
});

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeyPayload,
    access: 'ADMIN',
    description: 'Ends a key: requests with it are refused, and its sockets and streams end, within seconds.',
    errors: { types: [NotFoundError], union: { description: 'What became of `revokeApiKey`.' } },
    args: { input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'The key.' }) },
    resolve: async (_, { input }, { services, viewer }) => ({
      apiKey: await services.access.revokeApiKey(viewer, getUuid('ApiKey', input.apiKeyId)),
    }),
  }),
);
