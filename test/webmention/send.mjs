// Sends what a page links to whom it concerns, as its author would: node send.mjs ADDRESS. Prints what came of it as JSON.
import Webmention from '@remy/webmention';

const wm = new Webmention({ send: true });
const said = { sent: [], errors: [] };
wm.on('error', (e) => said.errors.push(String(e.message ?? e)));
wm.on('sent', ({ source, target, endpoint, status, error }) => said.sent.push({ source, target, endpoint: endpoint.url, type: endpoint.type, status, error }));
process.on('exit', () => console.log(JSON.stringify(said)));
wm.fetch(process.argv[2]);
