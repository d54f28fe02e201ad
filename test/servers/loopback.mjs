// Preloaded before the servers: they listen on every address by default, and
// offer no setting for it. Tests belong on loopback only.
import net from 'node:net';

const host = '127.0.0.1';
const listen = net.Server.prototype.listen;

net.Server.prototype.listen = function (...args) {
  const [first] = args;
  if (first !== null && typeof first === 'object') {
    // A handle or a socket file stays as it is; a port gets our host.
    if ('port' in first && !first.path) args[0] = { ...first, host };
  } else if (typeof first === 'number' || /^\d+$/.test(first)) {
    // listen(port), listen(port, host, ...), listen(port, backlog, ...), listen(port, callback)
    if (typeof args[1] === 'string') args[1] = host;
    else args.splice(1, 0, host);
  } else if (first === undefined || typeof first === 'function') {
    // listen() and listen(callback): any free port
    args = [0, host, ...args.filter((arg) => typeof arg === 'function')];
  }
  return listen.apply(this, args);
};
