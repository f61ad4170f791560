// One line of pino's log for each event that an operator needs.
import { subscribe } from 'node:diagnostics_channel';

const peer = ({ remoteAddress, remotePort }) => ({
  remoteAddress,
  remotePort,
});

export function log(logger) {
  const on = (name, about) =>
    subscribe(`goodbyte:${name}`, (message) => {
      const fields = about(message);
      logger[fields.err ? 'warn' : 'info'](fields, name);
    });
  on('connect', ({ socket, error }) => ({ ...peer(socket), err: error }));
  on('verdict', ({ request, verdict, duration, error }) => ({
    caller: request.callerId.address,
    verdict,
    duration,
    err: error,
  }));
  on('disconnect', ({ socket, direction, data }) => ({
    ...peer(socket),
    direction,
    octets: data?.length ?? 0,
  }));
  on('handshakeError', ({ callerId, error }) => ({
    caller: callerId.address,
    err: error,
  }));
  on('reset', ({ socket, direction, error }) => ({
    ...peer(socket),
    direction,
    violation: error?.violation,
    err: error ?? new Error('aborted here'),
  }));
  on('wordLost', ({ socket, data, error }) => ({
    ...peer(socket),
    octets: data.length,
    err: error ?? new Error('aborted here'),
  }));
  on('drain', ({ counts }) => counts);
}
