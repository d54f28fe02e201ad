// A whole Bluesky network of our own: the PLC directory, a PDS and the appview
// with its firehose, from the network's own packages. It starts empty each
// time. When all of them listen it writes their addresses to the file named by
// PONTE_BLUESKY_READY.
import { renameSync, writeFileSync } from 'node:fs';
import { TestNetwork } from '@atproto/dev-env';

function port(name) {
  const value = Number(process.env[`PONTE_BLUESKY_${name}_PORT`]);
  if (!Number.isInteger(value) || value <= 0) throw new Error(`PONTE_BLUESKY_${name}_PORT is not a port`);
  return value;
}

const ready = process.env.PONTE_BLUESKY_READY;
if (!ready) throw new Error('PONTE_BLUESKY_READY is not set');

let network;
let stopping = false;
async function stop() {
  if (stopping) return;
  stopping = true;
  // The databases are thrown away: an end that hangs is not worth waiting for.
  setTimeout(() => process.exit(0), 3000).unref();
  try {
    await network?.close();
  } finally {
    process.exit(0);
  }
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

const appview = port('APPVIEW');
network = await TestNetwork.create({
  plc: { port: port('PLC') },
  pds: { port: port('PDS'), hostname: 'localhost', enableDidDocWithSession: true },
  bsky: { port: appview, publicUrl: `http://localhost:${appview}` },
  ozone: { port: port('OZONE'), dbMaterializedViewRefreshIntervalMs: 30_000 },
});

const addresses = { plc: network.plc.url, pds: network.pds.url, appview: network.bsky.url };
writeFileSync(`${ready}.part`, JSON.stringify(addresses));
renameSync(`${ready}.part`, ready);
