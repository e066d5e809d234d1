import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';
import './scalars.ts';
import './errors.ts';
import './job.ts';
import './jobs-query.ts';
import './job-stats.ts';
import './job-type.ts';
import './transaction.ts';
import './viewer.ts';
import './api-key-mutations.ts';
import './member-mutations.ts';
import './create-follow-token.ts';
import './node.ts';
import './submit-job.ts';
import './preview-source.ts';
import './control-job.ts';
import './retry-job.ts';
import './drive-stage.ts';
import './chunk-work.ts';
import './generation.ts';
import './create-upload.ts';
import './export-mutations.ts';
import './files-query.ts';
import './subscriptions.ts';

/** The whole public surface. Its SDL is in schema.graphql. */
export const schema: GraphQLSchema = builder.toSchema({ sortSchema: true });
