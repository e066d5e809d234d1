import { Migration } from '@mikro-orm/migrations';

export class Migration20261122171845 extends Migration {

  override name = 'Migration20261122171845';

  override up(): void | Promise<void> {
    this.addSql(`create table "api_keys" ("id" uuid not null, "project_id" uuid not null, "name" text not null, "prefix" text not null, "hash" text not null, "created_at" timestamptz not null default now(), "revoked_at" timestamptz null, primary key ("id"));`);
    this.addSql(`alter table "api_keys" add constraint "api_keys_hash_unique" unique ("hash");`);
    this.addSql(`create index "api_keys_project_id_index" on "api_keys" ("project_id");`);

    this.addSql(`create table "chunks" ("job_id" uuid not null, "stage" smallint not null, "generation" int not null, "index" int not null, "first_item" bigint not null, "last_item" bigint not null, "state" text not null, "priority" smallint not null, "attempt" int not null default 0, "remaining" int not null, "succeeded" int not null default 0, "failed" int not null default 0, "skipped" int not null default 0, "task_id" text null, "error" text null, "started_at" timestamptz null, "completed_at" timestamptz null, primary key ("job_id", "stage", "generation", "index"));`);
    this.addSql(`alter table "chunks" add constraint "chunks_range" check (first_item <= last_item and remaining >= 0);`);

    this.addSql(`create table "exports" ("id" uuid not null, "job_id" uuid not null, "project_id" uuid not null, "format" text not null, "content" text not null, "file_name_prefix" text null, "state" text not null, "attempt" int not null default 0, "percent" double precision not null default 0, "file_name" text null, "byte_size" bigint null, "sha256" text null, "error" text null, "at_completion" boolean not null default false, "created_at" timestamptz not null default now(), "completed_at" timestamptz null, "expires_at" timestamptz null, primary key ("id"));`);
    this.addSql(`create index "exports_job_id_id_index" on "exports" ("job_id", "id");`);
    this.addSql(`create index "exports_unfinished_index" on "exports" ("id") where "state" in ('PENDING', 'RUNNING');`);

    this.addSql(`create table "items" ("job_id" uuid not null, "index" bigint not null, "key" text not null, "payload" jsonb not null, primary key ("job_id", "index")) partition by hash ("job_id");`);
    this.addSql(`create table "items_0" partition of "items" for values with (modulus 8, remainder 0);`);
    this.addSql(`create table "items_1" partition of "items" for values with (modulus 8, remainder 1);`);
    this.addSql(`create table "items_2" partition of "items" for values with (modulus 8, remainder 2);`);
    this.addSql(`create table "items_3" partition of "items" for values with (modulus 8, remainder 3);`);
    this.addSql(`create table "items_4" partition of "items" for values with (modulus 8, remainder 4);`);
    this.addSql(`create table "items_5" partition of "items" for values with (modulus 8, remainder 5);`);
    this.addSql(`create table "items_6" partition of "items" for values with (modulus 8, remainder 6);`);
    this.addSql(`create table "items_7" partition of "items" for values with (modulus 8, remainder 7);`);

    this.addSql(`create table "item_results" ("job_id" uuid not null, "index" bigint not null, "stage" smallint not null, "generation" int not null, "attempts" int not null, "state" text not null, "output" jsonb null, "error_code" text null, "error_field" text null, "error_message" text null, "fingerprint" text null, "duration_ms" int not null, primary key ("job_id", "index")) partition by hash ("job_id");`);
    this.addSql(`create index "item_results_job_id_state_index_index" on "item_results" ("job_id", "state", "index");`);
    this.addSql(`create table "item_results_0" partition of "item_results" for values with (modulus 8, remainder 0);`);
    this.addSql(`create table "item_results_1" partition of "item_results" for values with (modulus 8, remainder 1);`);
    this.addSql(`create table "item_results_2" partition of "item_results" for values with (modulus 8, remainder 2);`);
    this.addSql(`create table "item_results_3" partition of "item_results" for values with (modulus 8, remainder 3);`);
    this.addSql(`create table "item_results_4" partition of "item_results" for values with (modulus 8, remainder 4);`);
    this.addSql(`create table "item_results_5" partition of "item_results" for values with (modulus 8, remainder 5);`);
    this.addSql(`create table "item_results_6" partition of "item_results" for values with (modulus 8, remainder 6);`);
    this.addSql(`create table "item_results_7" partition of "item_results" for values with (modulus 8, remainder 7);`);

    this.addSql(`create table "jobs" ("id" uuid not null, "project_id" uuid not null, "key" text null, "input_hash" text not null, "type" text not null, "title" text not null, "state" text not null, "pause_reason" text null, "priority" text not null, "chunk_priority" smallint not null, "chunk_size" int null, "validation" text not null, "options" jsonb not null, "metadata" jsonb not null, "source" jsonb not null, "estimated_minutes" int null, "generation" int not null default 0, "last_sequence" bigint not null default '0', "total" bigint not null default '0', "pending" bigint not null default '0', "running" bigint not null default '0', "succeeded" bigint not null default '0', "failed" bigint not null default '0', "skipped" bigint not null default '0', "canceled" bigint not null default '0', "current_stage" text null, "error" text null, "problems" jsonb null, "aggregates" jsonb null, "created_at" timestamptz not null default now(), "started_at" timestamptz null, "updated_at" timestamptz not null default now(), "completed_at" timestamptz null, "deadline_at" timestamptz null, "paused_at" timestamptz null, "paused_ms" bigint not null default '0', "deleted_at" timestamptz null, primary key ("id"));`);
    this.addSql(`create index "jobs_project_id_id_index" on "jobs" ("project_id", "id");`);
    this.addSql(`create index "jobs_active_index" on "jobs" ("project_id") where "state" not in ('COMPLETED', 'CANCELED', 'FAILED');`);
    this.addSql(`create index "jobs_deleted_index" on "jobs" ("id") where "deleted_at" is not null;`);
    this.addSql(`alter table "jobs" add constraint "jobs_project_id_key_unique" unique ("project_id", "key");`);
    this.addSql(`alter table "jobs" add constraint "jobs_conserved" check (pending + running + succeeded + failed + skipped + canceled = total and least(pending, running, succeeded, failed, skipped, canceled) >= 0);`);
    this.addSql(`alter table "jobs" add constraint "jobs_chunk_priority" check (chunk_priority >= 0 and chunk_priority <= 10);`);

    this.addSql(`create table "job_events" ("job_id" uuid not null, "sequence" bigint not null, "type" text not null, "data" jsonb not null, "at" timestamptz not null default now(), primary key ("job_id", "sequence"));`);

    this.addSql(`create table "ledger_transactions" ("id" bigserial primary key, "project_id" uuid not null, "job_id" uuid not null, "item_index" bigint not null, "reference" text not null, "account" text not null, "amount" numeric not null, "currency" text not null, "occurred_at" timestamptz not null, "description" text null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now());`);
    this.addSql(`create index "ledger_transactions_project_id_id_index" on "ledger_transactions" ("project_id", "id");`);
    this.addSql(`create index "ledger_transactions_job_id_id_index" on "ledger_transactions" ("job_id", "id");`);
    this.addSql(`alter table "ledger_transactions" add constraint "ledger_transactions_project_id_reference_unique" unique ("project_id", "reference");`);

    this.addSql(`create table "projects" ("id" uuid not null, "name" text not null, "created_at" timestamptz not null default now(), primary key ("id"));`);
    this.addSql(`alter table "projects" add constraint "projects_name_unique" unique ("name");`);

    this.addSql(`create table "stages" ("job_id" uuid not null, "position" smallint not null, "name" text not null, "kind" text not null, "state" text not null, "generation" int not null default 0, "attempt" int not null default 0, "total" bigint null, "completed" bigint not null default '0', "failed" bigint not null default '0', "metadata" jsonb not null, "error" text null, "started_at" timestamptz null, "completed_at" timestamptz null, primary key ("job_id", "position"));`);

    this.addSql(`create table "uploads" ("id" uuid not null, "project_id" uuid not null, "file_name" text not null, "sha256" text null, "byte_size" bigint null, "line_count" bigint null, "created_at" timestamptz not null default now(), "received_at" timestamptz null, "expires_at" timestamptz not null, primary key ("id"));`);
    this.addSql(`create index "uploads_project_id_id_index" on "uploads" ("project_id", "id");`);
  }

}
