import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const text = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

const service = z.object({
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()).optional() }).optional(),
  image: z.string(),
});

export type ComposeService = z.infer<typeof service>;

/** The services of docker-compose.yml as `docker compose` sees them with these variables. @throws Error as it does, when one is missing */
export async function readComposeServices(variables: Record<string, string>): Promise<Record<string, ComposeService>> {
  const file = await text('docker-compose.yml');
  const { services } = z
    .object({ services: z.record(z.string(), z.unknown()) })
    .parse(parse(file, { merge: true, reviver: (_, value) => fillIn(value, variables) }));
  return Object.fromEntries(
    Object.entries(services).map(([name, value]) => [name, service.parse(stringCommand(value))]),
  );
}

/** `postgres -c …` as one string is split by a shell's rules; ours are lists. */
function stringCommand(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('command' in value)) return value;
  return typeof value.command === 'string' ? { ...value, command: value.command.split(' ') } : value;
}

/** ${NAME:-default} and ${NAME:?what is missing}, of https://github.com/compose-spec/compose-spec/blob/main/12-interpolation.md. */
function fillIn(value: unknown, variables: Record<string, string>): unknown {
  if (typeof value !== 'string') return value;
  return value.replace(/[$][{](\w+):([?-])([^}]*)[}]/g, (_, name: string, kind: string, rest: string) => {
    const given = variables[name];
    if (given) return given;
    if (kind === '?') throw new Error(`${name} ${rest}`);
    return rest;
  });
}

/** What the image adds to a service: the program before its command, its variables, its health check, and on which Node it runs. */
export async function readDockerfile() {
  const lines = (await text('Dockerfile')).replaceAll(/\\\n\s*/g, '').split('\n');
  const find = (instruction: string) => {
    const line = lines.findLast((each) => each.startsWith(`${instruction} `));
    if (line === undefined) throw new Error(`The Dockerfile has no ${instruction}.`);
    return line.slice(instruction.length + 1);
  };
  const list = z.array(z.string());
  return {
    bases: lines.filter((line) => line.startsWith('FROM ')).map((line) => line.split(' ')[1] ?? ''),
    user: find('USER'),
    entrypoint: list.parse(JSON.parse(find('ENTRYPOINT'))),
    healthcheck: list.parse(JSON.parse(find('HEALTHCHECK').replace(/^.*CMD /, ''))),
    environment: Object.fromEntries(
      find('ENV')
        .split(' ')
        .map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
    ),
  };
}
