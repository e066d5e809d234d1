import type { GoogleAccount, GoogleSheetsAccess } from '../src/access/google-accounts.ts';
import { InvalidInputError, NotFoundError, ProviderError } from '../src/domain/errors.ts';
import { builder } from './builder.ts';
import { getUuid, toGlobalId } from './global-id.ts';

const GoogleAccountType = builder.objectRef<GoogleAccount>('GoogleAccount').implement({
  description: 'A Google account that the project reads and writes sheets as; its token is shown nowhere.',
  fields: (t) => ({
    id: t.id({
      description: 'Identifies the account among everything in Longhaul.',
      resolve: ({ id }) => toGlobalId('GoogleAccount', id),
    }),
    name: t.exposeString('name', { description: 'What it is called here.' }),
    email: t.exposeString('email', {
      nullable: true,
      description: 'Its address, which sheets can be shared with; null when Google did not tell it.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was connected first.' }),
    connectedAt: t.expose('connectedAt', { type: 'DateTime', description: 'When it was connected last.' }),
  }),
});

const GoogleSheetsAccessType = builder.objectRef<GoogleSheetsAccess>('GoogleSheetsAccess').implement({
  description: 'How the project comes to Google Sheets.',
  fields: (t) => ({
    serviceAccountEmail: t.exposeString('serviceAccountEmail', {
      nullable: true,
      description:
        'Share a sheet with this address and it can be a source, without an account; null when the installation has none.',
    }),
    readsPublicSheets: t.exposeBoolean('readsPublicSheets', {
      description: 'True when a sheet that anyone with the link may see can be a source, without an account.',
    }),
    authorizationUrl: t.string({
      nullable: true,
      description:
        'Where to send a user who connects an account; Google sends it back to `redirectUri` with a code for `connectGoogleAccount`. Null when accounts cannot be connected.',
      args: {
        redirectUri: t.arg.string({ required: true, description: 'A redirect URI of the OAuth client, to return to.' }),
        state: t.arg.string({
          required: true,
          description: 'Comes back with the code: something that only this browser knows, against forged answers.',
        }),
        codeChallenge: t.arg.string({
          description: 'SHA-256 of a code verifier, as base64url (PKCE); left out when there is none.',
        }),
      },
      resolve: (_, { redirectUri, state, codeChallenge }, { services }) =>
        services.googleAccounts.findAuthorizationUrl({ redirectUri, state, codeChallenge: codeChallenge ?? null }),
    }),
    accounts: t.expose('accounts', {
      type: [GoogleAccountType],
      description: 'Accounts that are connected, the oldest first.',
    }),
  }),
});

builder.queryField('googleSheetsAccess', (t) =>
  t.field({
    type: GoogleSheetsAccessType,
    access: 'READ',
    description:
      'How the project comes to Google Sheets: whom to share them with, and the accounts that are connected.',
    resolve: async (_, __, { services, viewer }) => await services.googleAccounts.readGoogleSheetsAccess(viewer),
  }),
);

const GoogleCodeInput = builder.inputType('GoogleCodeInput', {
  description: 'The code that Google sent a user back with.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'Parameter `code` of the URL that the user came back to.' }),
    redirectUri: t.string({ required: true, description: 'The one that `authorizationUrl` was asked for with.' }),
    codeVerifier: t.string({ description: 'Of the `codeChallenge`, if there was one.' }),
  }),
});

const GoogleGrantInput = builder.inputType('GoogleGrantInput', {
  description: "A user's consent: exactly one of its forms.",
  isOneOf: true,
  fields: (t) => ({
    code: t.field({ type: GoogleCodeInput, description: 'From the browser, by way of `authorizationUrl`.' }),
    refreshToken: t.string({
      description: "Got elsewhere for the installation's OAuth client; it is stored encrypted and never shown.",
    }),
  }),
});

const ConnectGoogleAccountInput = builder.inputType('ConnectGoogleAccountInput', {
  description: 'An account to connect.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What to call it here, at most 200 characters.' }),
    grant: t.field({ type: GoogleGrantInput, required: true, description: "The user's consent." }),
    accountId: t.id({ description: 'The account to connect again, as after it was revoked; a new one when left out.' }),
  }),
});

const ConnectGoogleAccountPayload = builder
  .objectRef<{ account: GoogleAccount }>('ConnectGoogleAccountPayload')
  .implement({
    description: 'The account is connected.',
    fields: (t) => ({ account: t.expose('account', { type: GoogleAccountType, description: 'The account.' }) }),
  });

builder.mutationField('connectGoogleAccount', (t) =>
  t.field({
    type: ConnectGoogleAccountPayload,
    access: 'ADMIN',
    description: 'Lets the project read and write the sheets of a Google account, until it is disconnected or revoked.',
    errors: {
      types: [InvalidInputError, NotFoundError, ProviderError],
      union: { description: 'What became of `connectGoogleAccount`.' },
    },
    args: { input: t.arg({ type: ConnectGoogleAccountInput, required: true, description: 'The account.' }) },
    resolve: async (_, { input }, { services, viewer }) => {
      const { name, accountId, grant } = input;
      const { code, refreshToken } = grant;
      return {
        account: await services.googleAccounts.connectGoogleAccount(viewer, {
          name,
          accountId: accountId ? getUuid('GoogleAccount', accountId) : null,
          grant: code
            ? { kind: 'CODE', ...code, codeVerifier: code.codeVerifier ?? null }
            : { kind: 'REFRESH_TOKEN', refreshToken: refreshToken ?? '' },
        }),
      };
    },
  }),
);

const DisconnectGoogleAccountInput = builder.inputType('DisconnectGoogleAccountInput', {
  description: 'Which account `disconnectGoogleAccount` is about.',
  fields: (t) => ({
    accountId: t.id({ required: true, description: 'The `id` of the account, global or plain.' }),
  }),
});

const DisconnectGoogleAccountPayload = builder
  .objectRef<{ accountId: string }>('DisconnectGoogleAccountPayload')
  .implement({
    description: 'The account is disconnected.',
    fields: (t) => ({
      accountId: t.id({
        description: 'The account that was.',
        resolve: ({ accountId }) => toGlobalId('GoogleAccount', accountId),
      }),
    }),
  });

builder.mutationField('disconnectGoogleAccount', (t) =>
  t.field({
    type: DisconnectGoogleAccountPayload,
    access: 'ADMIN',
    description:
      "Deletes the token of a Google account; jobs that have not read their sheet yet fail. At Google the consent stays until it is withdrawn in the account's own settings.",
    errors: {
      types: [NotFoundError],
      union: { description: 'What became of `disconnectGoogleAccount`.' },
    },
    args: { input: t.arg({ type: DisconnectGoogleAccountInput, required: true, description: 'The account.' }) },
    resolve: async (_, { input }, { services, viewer }) => {
      const accountId = getUuid('GoogleAccount', input.accountId);
      await services.googleAccounts.disconnectGoogleAccount(viewer, accountId);
      return { accountId };
    },
  }),
);
