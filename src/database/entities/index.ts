import { jobTypeEntities } from '../../job-types/entities.ts';
import { AggregatePartEntity } from './aggregate-part.ts';
import { ApiKeyEntity } from './api-key.ts';
import { BucketEntity } from './bucket.ts';
import { BuildEntity } from './build.ts';
import { ChunkEntity } from './chunk.ts';
import { DestinationEntity } from './destination.ts';
import { ExportEntity } from './export.ts';
import { GenerationEntity } from './generation.ts';
import { GoogleAccountEntity } from './google-account.ts';
import { GuardRailEntity } from './guard-rail.ts';
import { ItemFileEntity } from './item-file.ts';
import { ItemResultEntity } from './item-result.ts';
import { ItemEntity } from './item.ts';
import { JobEventEntity } from './job-event.ts';
import { JobOutcomeEntity } from './job-outcome.ts';
import { JobEntity } from './job.ts';
import { KeyTurnEntity } from './key-turn.ts';
import { OpenItemEntity } from './open-item.ts';
import { ProjectMemberEntity } from './project-member.ts';
import { ProjectEntity } from './project.ts';
import { QuotaEntity } from './quota.ts';
import { SheetWriteBackEntity } from './sheet-write-back.ts';
import { StageEntity } from './stage.ts';
import { JobTemplateEntity } from './job-template.ts';
import { TemplateFileEntity } from './template-file.ts';
import { TemplateVersionEntity } from './template-version.ts';
import { TemplateEntity } from './template.ts';
import { UploadEntity } from './upload.ts';

/** Every table, from which migrations are made and checked. */
export const entities = [
  ProjectEntity,
  ApiKeyEntity,
  ProjectMemberEntity,
  UploadEntity,
  DestinationEntity,
  JobEntity,
  GenerationEntity,
  StageEntity,
  ChunkEntity,
  KeyTurnEntity,
  ItemEntity,
  ItemResultEntity,
  ItemFileEntity,
  OpenItemEntity,
  AggregatePartEntity,
  GuardRailEntity,
  JobEventEntity,
  JobOutcomeEntity,
  ExportEntity,
  SheetWriteBackEntity,
  TemplateEntity,
  TemplateVersionEntity,
  TemplateFileEntity,
  JobTemplateEntity,
  GoogleAccountEntity,
  BucketEntity,
  QuotaEntity,
  BuildEntity,
  ...jobTypeEntities,
];
