import SchemaBuilder, {
  BasePlugin,
  type FieldNullability,
  type InputFieldMap,
  type PothosOutputFieldConfig,
  type PothosTypeConfig,
  type SchemaTypes,
  type TypeParam,
} from '@pothos/core';
import {
  defaultFieldResolver,
  isInterfaceType,
  isObjectType,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { PermissionDeniedError } from '../src/domain/errors.ts';
import { allows, type Requirement } from '../src/domain/scope.ts';
import type { Context } from './context.ts';

declare global {
  export namespace PothosSchemaTypes {
    interface Plugins<Types extends SchemaTypes> {
      access: AccessPlugin<Types>;
    }
    interface FieldOptions<
      Types extends SchemaTypes = SchemaTypes,
      ParentShape = unknown,
      Type extends TypeParam<Types> = TypeParam<Types>,
      Nullable extends FieldNullability<Type> = FieldNullability<Type>,
      Args extends InputFieldMap = InputFieldMap,
      ResolveShape = unknown,
      ResolveReturnShape = unknown,
    > {
      /** What the field asks of its caller. Every field of Query, Mutation and Subscription says it. */
      access?: Requirement;
    }
    interface BaseTypeOptions<Types extends SchemaTypes = SchemaTypes> {
      /** What each field of the object type asks of its caller. Every type that is a Node says it. */
      access?: Requirement;
    }
  }
}

const advice =
  'Add `access` to the options of the field or type: the least that its caller must hold, ' +
  "'FOLLOW' (reads one job; its resolver must show nothing else to a viewer with a `jobId`), 'READ', 'SUBMIT', 'CONTROL' or 'ADMIN'.";

/**
 * Authorization, declared where a field or type is: `access: 'READ'`. A schema in which a field of Query, Mutation or
 * Subscription, or a type that is a Node, does not say it cannot be built.
 */
export class AccessPlugin<Types extends SchemaTypes> extends BasePlugin<Types> {
  override onOutputFieldConfig(config: PothosOutputFieldConfig<Types>): PothosOutputFieldConfig<Types> {
    return { ...config, extensions: { ...config.extensions, access: config.pothosOptions.access } };
  }

  override onTypeConfig(config: PothosTypeConfig): PothosTypeConfig {
    return { ...config, extensions: { ...config.extensions, access: config.pothosOptions.access } };
  }

  /** Inside the errors plugin, which makes a refusal a member of a mutation's union. */
  override wrapResolve(
    resolve: GraphQLFieldResolver<unknown, Types['Context'], object>,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> {
    // Of a subscription the whole stream was refused or not.
    if (config.kind === 'Subscription') return resolve;
    return guarded(resolve, config.pothosOptions.access, `${config.parentType}.${config.name}`);
  }

  override wrapSubscribe(
    subscribe: GraphQLFieldResolver<unknown, Types['Context'], object> | undefined,
    config: PothosOutputFieldConfig<Types>,
  ): GraphQLFieldResolver<unknown, Types['Context'], object> | undefined {
    return subscribe && guarded(subscribe, config.pothosOptions.access, `Subscription.${config.name}`);
  }

  override afterBuild(schema: GraphQLSchema): GraphQLSchema {
    const missing = [...rootFields(schema), ...nodeTypes(schema)].filter(({ extensions }) => !extensions['access']);
    if (missing.length > 0) {
      throw new Error(`It is not declared who may use ${missing.map(({ name }) => name).join(', ')}. ${advice}`);
    }
    for (const type of Object.values(schema.getTypeMap())) {
      if (isObjectType(type)) guardFields(type);
    }
    return schema;
  }
}

SchemaBuilder.registerPlugin('access', AccessPlugin);

/** What a field or type of the built schema asks of its caller; null when nothing of its own. */
export function requirementOf({ extensions }: { extensions: object }): Requirement | null {
  // Only the plugin writes it.
  return 'access' in extensions ? ((extensions.access as Requirement | undefined) ?? null) : null;
}

/** @throws PermissionDeniedError that names what the caller lacks, and nothing of what is there */
export function assertAllowed({ viewer }: Context, requirement: Requirement, what: string): void {
  if (allows(viewer, requirement)) return;
  throw new PermissionDeniedError(
    viewer.jobId === null
      ? `${what} needs the scope ${requirement === 'FOLLOW' ? 'READ' : requirement}, which these credentials do not have.`
      : `${what} is not for follow tokens: they read one job.`,
  );
}

function guarded<Resolver extends GraphQLFieldResolver<unknown, never, object>>(
  resolve: Resolver,
  requirement: Requirement | undefined,
  what: string,
): Resolver {
  if (requirement === undefined) return resolve;
  const guard: GraphQLFieldResolver<unknown, never, object> = (parent, args, context, info) => {
    assertAllowed(context, requirement, what);
    return resolve(parent, args, context, info);
  };
  // The same function to its callers.
  return guard as Resolver;
}

function guardFields(type: GraphQLObjectType): void {
  const requirement = requirementOf(type);
  if (requirement === null) return;
  for (const field of Object.values(type.getFields())) {
    field.resolve = guarded(field.resolve ?? defaultFieldResolver, requirement, type.name);
  }
}

interface Declaring {
  name: string;
  extensions: Readonly<Record<string, unknown>>;
}

function rootFields(schema: GraphQLSchema): Declaring[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((root) =>
    Object.values(root?.getFields() ?? {}).map((field: GraphQLField<unknown, unknown>) => ({
      name: `${root?.name}.${field.name}`,
      extensions: field.extensions,
    })),
  );
}

function nodeTypes(schema: GraphQLSchema): Declaring[] {
  const node = schema.getType('Node');
  return isInterfaceType(node) ? [...schema.getPossibleTypes(node)] : [];
}
