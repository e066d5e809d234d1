import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCanvas } from '@napi-rs/canvas';
import { newId } from '../../src/database/new-id.ts';
import { runFfmpeg } from '../../src/providers/ffmpeg/run-ffmpeg.ts';
import type { TestClient } from './graphql-client.ts';
import { findTestMedia } from './media-programs.ts';

/** An answer of any field about templates, or of one that takes templates. */
export interface TemplateAnswer {
  __typename: string;
  message?: string;
  issues?: { path: string[] }[];
  job?: { id: string };
  template?: { id: string; name: string; version: number };
  url?: string;
  expiresAt?: string;
  warnings?: string[];
}

const answered = '__typename ... on Error { message } ... on InvalidInputError { issues { path } }';

/** What somebody does with templates, and with jobs that use them. */
export function createTemplateClient(client: TestClient) {
  async function mutate(field: 'createTemplate' | 'updateTemplate', input: object): Promise<TemplateAnswer> {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    const answer = await client.query<Record<string, TemplateAnswer>>(
      `mutation ($input: ${type}Input!) { ${field}(input: $input) { ${answered} ... on ${type}Payload { template { id name version } } } }`,
      { input },
    );
    return answer[field] ?? { __typename: 'nothing' };
  }

  return {
    mutate,

    /** @throws Error with the message of a refusal */
    create: async (settings: object = {}, name = `Template ${newId()}`): Promise<{ id: string; version: number }> => {
      const answer = await mutate('createTemplate', { name, settings });
      if (!answer.template) throw new Error(answer.message);
      return answer.template;
    },

    remove: async (templateId: string): Promise<TemplateAnswer> => {
      const { deleteTemplate } = await client.query<{ deleteTemplate: TemplateAnswer }>(
        `mutation ($id: ID!) { deleteTemplate(input: { templateId: $id }) { __typename ... on Error { message } } }`,
        { id: templateId },
      );
      return deleteTemplate;
    },

    preview: async (input: object): Promise<TemplateAnswer> => {
      const { previewTemplate } = await client.query<{ previewTemplate: TemplateAnswer }>(
        `query ($input: PreviewTemplateInput!) { previewTemplate(input: $input) { ${answered} ... on PreviewTemplatePayload { url expiresAt warnings } } }`,
        { input },
      );
      return previewTemplate;
    },

    /** A video job of one row. */
    submit: async (video: object, script = 'Hello.'): Promise<TemplateAnswer> => {
      const { submitJob } = await client.query<{ submitJob: TemplateAnswer }>(
        `mutation ($input: SubmitJobInput!) { submitJob(input: $input) { ${answered} ... on SubmitJobPayload { job { id } } } }`,
        { input: { title: 'Videos', spec: { video }, source: { inline: { items: [{ title: 'A', script }] } } } },
      );
      return submitJob;
    },

    retry: async (jobId: string, video?: object): Promise<TemplateAnswer> => {
      const input = { jobId, ...(video ? { spec: { video } } : {}) };
      const { retryJob } = await client.query<{ retryJob: TemplateAnswer }>(
        `mutation ($input: RetryJobInput!) { retryJob(input: $input) { ${answered} ... on RetryJobPayload { job { id } } } }`,
        { input },
      );
      return retryJob;
    },
  };
}

/** A PNG of one color. */
export function makePicture(color: string, width = 64, height = width): Buffer {
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  context.fillStyle = color;
  context.fillRect(0, 0, width, height);
  return canvas.toBuffer('image/png');
}

/** An MP3 of one tone. */
export async function makeSound(frequency = 440, seconds = 2): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-test-'));
  try {
    const path = join(folder, 'sound.mp3');
    const tone = `sine=frequency=${frequency}:duration=${seconds}`;
    const args = ['-f', 'lavfi', '-i', tone, '-c:a', 'libmp3lame', path];
    await runFfmpeg(await findTestMedia(), args, AbortSignal.timeout(30_000));
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
