import SchemaBuilder from '@pothos/core';
import ComplexityPlugin from '@pothos/plugin-complexity';
import DataloaderPlugin from '@pothos/plugin-dataloader';
import ErrorsPlugin from '@pothos/plugin-errors';
import RelayPlugin from '@pothos/plugin-relay';
import { PermissionDeniedError } from '../src/domain/errors.ts';
import './access-plugin.ts';
import type { Context } from './context.ts';
import { countedAlready, fieldCost } from './field-cost.ts';
import './text-plugin.ts';

/** The types that every part of the schema is checked against. */
export interface Types {
  Context: Context;
  DefaultFieldNullability: false;
  DefaultEdgesNullability: { list: false; items: false };
  DefaultNodeNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date | string };
    BigInt: { Input: bigint; Output: bigint | number | string };
    Decimal: { Input: string; Output: string };
    JSON: { Input: unknown; Output: unknown };
    URL: { Input: string; Output: string };
  };
}

/** Where the conventions of the API live: non-null fields, unions of a payload and errors, Relay's names. */
export const builder = new SchemaBuilder<Types>({
  // The errors plugin wraps the resolvers of those behind it, not the other way round: a refusal of access is one of its errors.
  plugins: [ErrorsPlugin, 'access', 'text', RelayPlugin, DataloaderPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  errors: {
    directResult: true,
    defaultTypes: [PermissionDeniedError],
    defaultUnionOptions: {
      name: ({ fieldName }) => `${fieldName.charAt(0).toUpperCase()}${fieldName.slice(1)}Result`,
    },
  },
  // Fields say here what they cost; the engine adds up and refuses, for all transports alike.
  complexity: { disabled: true, fieldComplexity: fieldCost },
  relay: {
    // Our own `node` field answers null to an id that names nothing.
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: 'Anything that can be fetched again by its id.' },
    idFieldOptions: { description: 'Identifies the object among everything in Longhaul.' },
    pageInfoTypeOptions: { description: 'Where a page lies in its connection.' },
    hasNextPageFieldOptions: { description: 'True when there is more after this page.' },
    hasPreviousPageFieldOptions: { description: 'True when there is more before this page.' },
    startCursorFieldOptions: { description: 'Cursor of the first edge; null when the page is empty.' },
    endCursorFieldOptions: {
      description: 'Cursor of the last edge, to give as `after` for the next page; null when the page is empty.',
    },
    pageInfoFieldOptions: { description: 'Where the page lies in the connection.' },
    cursorFieldOptions: { description: 'Place of the edge in the connection.' },
    nodeFieldOptions: { nullable: false, description: 'The object itself.' },
    edgesFieldOptions: {
      nullable: { list: false, items: false },
      description: 'The page with a cursor for each object.',
      complexity: countedAlready,
    },
    nodesOnConnection: { description: 'The page without cursors.', complexity: countedAlready },
  },
});

builder.queryType({ description: 'Everything that can be read, of the project that the credentials belong to.' });
builder.mutationType({ description: 'Everything that can be changed; each answers its payload or a typed error.' });
builder.subscriptionType({
  description: 'Everything that can be followed live, over WebSocket or server-sent events.',
});
