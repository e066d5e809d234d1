// Starts the embedded servers in the folder that it is given, says where they are, and holds them until it is killed.
import { startEmbedded } from '../../src/embedded/start-embedded.ts';

const [dataDir = ''] = process.argv.slice(2);
const log = { info: () => undefined, warn: () => undefined };
const servers = await startEmbedded({ dataDir, log, ports: { postgres: 0, temporal: 0, temporalUi: 0 } });
process.send?.({ databaseUrl: servers.databaseUrl, pids: servers.pids() });
