import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { schema } from '../../schema/schema.ts';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createTestEngine, type TestEngine } from '../support/engine.ts';
import { findChromium } from '../support/find-chromium.ts';
import { createTestProject } from '../support/project.ts';

let engine: TestEngine;
let server: HttpServer;
let browser: Browser;
let apiKey: string;

beforeAll(async () => {
  engine = await createTestEngine();
  await engine.startWorker();
  const { database, log } = engine.services;
  ({ apiKey } = await createTestProject(database));
  server = createHttpServer({ config: engine.config, services: engine.services, database, log, schema });
  await server.listen();
  browser = await chromium.launch(await findChromium());
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await engine?.close();
});

/** GraphiQL in a window of its own; what it does wrong, and whom it talks to, is written down. */
async function open(hash = '') {
  const page = await browser.newPage({
    viewport: { width: 1500, height: 950 },
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const problems: string[] = [];
  const origins = new Set<string>();
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('request', (request) => {
    if (request.url().startsWith('http')) origins.add(new URL(request.url()).origin);
  });
  await page.goto(`${server.url()}/graphql${hash}`);
  await waitUntilReady(page);
  return { page, problems, origins };
}

/** The editors are there some time after the tabs, and until both are, GraphiQL takes no click to execute. */
async function waitUntilReady(page: Page): Promise<void> {
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  await page.locator('.graphiql-response .monaco-editor').first().waitFor();
}

/** By the keyboard: while tabs slide to their place, they take a click for the start of a drag. */
async function openTab(page: Page, name: string): Promise<void> {
  await page.locator('.graphiql-tab-button', { hasText: name }).press('Enter');
  await page.locator('.graphiql-query-editor', { hasText: name }).waitFor();
}

/** What GraphiQL shows as the answer, once it is this one. */
async function waitForAnswer(page: Page, text: string | RegExp): Promise<string | null> {
  return await page.locator('.graphiql-response', { hasText: text }).textContent();
}

/** Pastes into one of the editors below the operation, in place of what it holds: typed brackets would be closed twice. */
async function fillTool(page: Page, tool: 'Variables' | 'Headers', text: string): Promise<void> {
  await page.getByRole('button', { name: tool }).click();
  await page.locator('.graphiql-editor-tool .monaco-editor:visible').first().click();
  await page.keyboard.press('Control+A');
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
  await page.keyboard.press('Control+V');
}

test('a URL with a key opens a GraphiQL that submits a job and follows it to its end', async () => {
  const { page, problems, origins } = await open(`#key=${apiKey}`);
  expect(page.url()).toBe(`${server.url()}/graphql`);
  for (const name of [
    'SubmitJob',
    'FollowEvents',
    'FollowProgress',
    'ListJobs',
    'PauseJob',
    'CreateExport',
    'EstimateJob',
  ]) {
    await page.getByRole('tab', { name }).waitFor();
  }

  const answered = page.waitForResponse((answer) => answer.request().postData()?.includes('SubmitJobPayload') ?? false);
  await page.getByRole('button', { name: 'Execute query' }).click();
  const { data } = await (await answered).json();
  expect(data).toMatchObject({ submitJob: { __typename: 'SubmitJobPayload', created: true } });

  await openTab(page, 'FollowEvents');
  await fillTool(page, 'Variables', JSON.stringify({ jobId: data.submitJob.job.id, afterSequence: '0' }, null, 2));
  await page.getByRole('button', { name: 'Execute query' }).click();
  expect(await waitForAnswer(page, /"to":\s*"COMPLETED"/)).toContain('JobStateChanged');
  const screenshot = process.env['TEST_SCREENSHOT'];
  if (screenshot) await page.screenshot({ path: screenshot });

  expect(problems).toEqual([]);
  expect([...origins]).toEqual([server.url()]);
  await page.close();
});

test('without a key the headers say where to paste it, and a pasted one works', async () => {
  const { page } = await open();
  await openTab(page, 'ListJobs');
  await page.getByRole('button', { name: 'Execute query' }).click();
  expect(await waitForAnswer(page, 'UNAUTHENTICATED')).toContain('requestId');
  await page.getByRole('button', { name: 'Headers' }).click();
  await page.locator('.graphiql-editor-tool', { hasText: 'paste-your-key-here' }).waitFor();

  await fillTool(page, 'Headers', JSON.stringify({ Authorization: `Bearer ${apiKey}` }));
  await page.getByRole('button', { name: 'Execute query' }).click();
  expect(await waitForAnswer(page, '"nodes"')).not.toContain('errors');
  await page.close();
});

test('a second visit with a new key keeps the open tabs and uses that key', async () => {
  const { page, problems } = await open('#key=lh_old');
  await openTab(page, 'ListJobs');
  await page.waitForFunction(() => sessionStorage.getItem('graphiql:tabState')?.includes('lh_old'));
  // Another hash alone would not load the page again.
  await page.goto('about:blank');
  await page.goto(`${server.url()}/graphql#key=${apiKey}`);
  await waitUntilReady(page);
  await page.locator('.graphiql-query-editor', { hasText: 'ListJobs' }).waitFor();
  await page.getByRole('button', { name: 'Execute query' }).click();
  expect(await waitForAnswer(page, '"nodes"')).not.toContain('errors');
  // The old key is refused on the way; nothing else is wrong.
  expect(problems.filter((problem) => !problem.includes('401 (Unauthorized)'))).toEqual([]);
  await page.close();
});
