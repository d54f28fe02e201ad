// A real mail server of our own, from the npm package smtp-server: a submission port that wants STARTTLS, and one that is encrypted from the
// first byte; both want a sign-in. It delivers nothing: each letter it takes is written into the folder PONTE_MAIL_BOX, with who brought it
// and how. Some recipients are refused, one hears nothing back. When both ports listen it writes them to the file named by PONTE_MAIL_READY.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';

function setting(name) {
  const value = process.env[`PONTE_MAIL_${name}`];
  if (!value) throw new Error(`PONTE_MAIL_${name} is not set`);
  return value;
}

function write(path, text) {
  writeFileSync(`${path}.part`, text);
  renameSync(`${path}.part`, path);
}

const box = setting('BOX');
const user = setting('USER');
const password = setting('PASSWORD');
const cutOff = new Set();
let count = 0;

function failure(code, text) {
  return Object.assign(new Error(text), { responseCode: code });
}

function server(secure) {
  const s = new SMTPServer({
    secure,
    key: readFileSync(setting('KEY')),
    cert: readFileSync(setting('CERT')),
    authMethods: ['PLAIN', 'LOGIN'],
    size: 1 << 20,
    banner: 'test',
    disableReverseLookup: true,
    onAuth(auth, session, done) {
      const right = auth.username === user && auth.password === password;
      done(right ? null : failure(535, 'no such name and password'), { user: auth.username });
    },
    onRcptTo({ address }, session, done) {
      if (address.startsWith('nobody@')) return done(failure(550, 'no such person'));
      if (address.startsWith('later@')) return done(failure(451, 'greylisted'));
      return done();
    },
    onData(stream, session, done) {
      const parts = [];
      stream.on('data', (part) => parts.push(part));
      stream.on('end', () => {
        const letter = Buffer.concat(parts).toString('utf8');
        if (stream.sizeExceeded) return done(failure(552, 'too large'));
        const to = session.envelope.rcptTo.map((r) => r.address);
        count += 1;
        write(
          join(box, `${String(count).padStart(6, '0')}.json`),
          JSON.stringify({ from: session.envelope.mailFrom.address, to, user: session.user, secure: session.secure, letter }),
        );
        // The first letter to such an address is taken, and nobody hears that it was.
        const cut = to.find((address) => address.startsWith('hangup') && !cutOff.has(address));
        if (!cut) return done(null, `taken as ${count}`);
        cutOff.add(cut);
        return s.connections.forEach((c) => c.session?.id === session.id && c.close());
      });
    },
  });
  return s;
}

const ports = await Promise.all(
  [false, true].map((secure) => new Promise((resolve, reject) => {
    const s = server(secure);
    s.on('error', (error) => {
      if (!s.server.listening) reject(error); // what a client does wrong is the client's
    });
    s.listen(0, '127.0.0.1', () => resolve(s.server.address().port));
  })),
);
process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));
write(setting('READY'), JSON.stringify({ submission: ports[0], implicit: ports[1] }));
