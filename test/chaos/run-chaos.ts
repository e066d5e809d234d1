import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, type Random } from '../../src/cli/quickstart/random.ts';
import { toError } from '../../src/domain/errors.ts';
import { actors, type Actor, type Expectation } from './actors.ts';
import { checkJob } from './check-job.ts';
import { createChaosClient } from './client.ts';
import { listFaults, type Fault } from './faults.ts';
import { createJobs, hasEnded, type Jobs } from './jobs.ts';
import { openScene } from './scene.ts';
import { watchCounts } from './watch-counts.ts';

export interface ChaosOptions {
  /** The same seed deals the same faults in the same order to the same jobs; how they meet is never the same. */
  seed: number;
  /** Every fault befalls once; then they are dealt anew until so much time has passed. */
  minutes: number;
  /** Hears what happens while it happens. */
  tell(line: string): void;
}

export interface ChaosOutcome {
  /** What was promised and did not hold; empty when all is well. */
  violations: readonly string[];
  /** How often each fault befell. */
  faults: ReadonlyMap<string, number>;
  /** Jobs by what their submitter did. */
  jobs: ReadonlyMap<string, number>;
  items: number;
  /** Journal entries that followers received. */
  delivered: number;
  samples: number;
  /** Pauses in which nothing moved. */
  pauses: number;
}

/** When all is mended, what is going on must come to its end within this time. */
const patienceMs = 240_000;
/** Faults that befall at a time. */
const hands = 2;

/** Jobs of many kinds on a whole installation while its parts are killed, frozen and cut off; then everything is counted. */
export async function runChaos({ seed, minutes, tell }: ChaosOptions): Promise<ChaosOutcome> {
  const random = createRandom(seed);
  const violations: string[] = [];
  const report = (violation: string) => {
    violations.push(violation);
    tell(`VIOLATION ${violation}`);
  };
  const scene = await openScene(report);
  const leaving = new AbortController();
  try {
    const client = createChaosClient(scene, report, leaving.signal);
    const counts = watchCounts(scene.database, report);
    await warmUp(createJobs(client, report));
    const storm = new AbortController();
    const parts: Part[] = [];
    const acting = actors.map((actor) =>
      act(actor, createRandom(random.below(2 ** 32))).catch((thrown: unknown) => {
        if (!leaving.signal.aborted) report(`Whoever ${actor.name} gave up: ${toError(thrown).message}`);
      }),
    );
    const faults = await strikeAll(listFaults(scene), { random, minutes, tell });
    storm.abort();
    tell('All is mended; jobs come to their end.');
    await within(patienceMs, Promise.all(acting), () => {
      const left = parts.filter(({ expectation }) => expectation === null).map(({ title }) => title);
      report(`After ${patienceMs} ms without a fault these had not ended: ${left.join(', ')}`);
    });
    await counts.stop();
    const ended = parts.flatMap(({ expectation, followers }) =>
      expectation === null ? [] : [{ expectation, followers }],
    );
    let delivered = 0;
    for (const { expectation, followers } of ended) {
      const received = await Promise.all(followers);
      delivered += received.reduce((sum, each) => sum + each.length, 0);
      await checkJob({ client, database: scene.database, report }, expectation, received);
    }
    return {
      violations,
      faults,
      jobs: Map.groupBy(parts, ({ actor }) => actor.name)
        .entries()
        .reduce((sums, [name, played]) => sums.set(name, played.length), new Map<string, number>()),
      items: ended.reduce((sum, { expectation }) => sum + (expectation.counts.total ?? 0), 0),
      delivered,
      samples: counts.samples(),
      pauses: counts.pauses(),
    };

    async function act(actor: Actor, own: Random): Promise<void> {
      for (let round = 1; round === 1 || !storm.signal.aborted; round += 1) {
        const part: Part = { title: `${actor.name} ${round}`, actor, expectation: null, followers: [] };
        parts.push(part);
        const isOver = () => part.expectation !== null;
        part.expectation = await actor.play({
          jobs: createJobs(client, report),
          random: own,
          title: part.title,
          submitted: (jobId) => part.followers.push(client.follow(jobId, isOver), client.follow(jobId, isOver)),
        });
        tell(`${part.title}: done`);
      }
    }
  } finally {
    leaving.abort();
    await scene.close();
  }
}

/** Settles when a job has gone through: all parts are there. */
async function warmUp(jobs: Jobs): Promise<void> {
  const title = 'Warm-up';
  const source = { inline: { items: [{}] } };
  const jobId = await jobs.submit({ title, idempotencyKey: title, spec: { echo: {} }, source });
  await jobs.reach(jobId, hasEnded);
}

interface Part {
  title: string;
  actor: Actor;
  /** Null until it has ended. */
  expectation: Expectation | null;
  followers: Promise<number[]>[];
}

/** Deals all faults in random order, two at a time, and again until the time is over. Answers how often each befell. */
async function strikeAll(
  faults: readonly Fault[],
  { random, minutes, tell }: { random: Random; minutes: number; tell(line: string): void },
): Promise<Map<string, number>> {
  const struck = new Map<string, number>();
  const until = Date.now() + minutes * 60_000;
  const suffering = new Map<string, Promise<void>>();
  let deck = shuffle(faults, random);

  async function deal(): Promise<void> {
    for (;;) {
      if (deck.length === 0 && Date.now() < until) deck = shuffle(faults, random);
      const fault = deck.pop();
      if (fault === undefined) return;
      const own = createRandom(random.below(2 ** 32));
      const before = suffering.get(fault.target);
      const striking = (async () => {
        await before;
        tell(fault.name);
        await fault.strike(own);
      })();
      suffering.set(fault.target, striking);
      await striking;
      struck.set(fault.name, (struck.get(fault.name) ?? 0) + 1);
      await delay(200 + own.below(1_500));
    }
  }

  await Promise.all(Array.from({ length: hands }, deal));
  return struck;
}

function shuffle(faults: readonly Fault[], random: Random): Fault[] {
  return faults
    .map((fault) => ({ fault, place: random.next() }))
    .sort((a, b) => a.place - b.place)
    .map(({ fault }) => fault);
}

async function within(ms: number, work: Promise<unknown>, late: () => void): Promise<void> {
  const timer = new AbortController();
  const tooLate = delay(ms, undefined, { signal: timer.signal }).then(late, () => undefined);
  await Promise.race([work, tooLate]);
  timer.abort();
}
