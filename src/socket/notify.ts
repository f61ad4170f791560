import { checkCode } from '../arguments.js';
import { debug } from '../diagnostics.js';
import { WinsockError } from '../errors.js';
import { octetsOf } from '../user-data.js';
import { WSAEMSGSIZE } from '../vocabulary/error-codes.js';
import type { Connection } from './connection.js';
import type { NotifyOptions } from './options.js';

/**
 * Sends a notice that our last word will come soon.
 *
 * @returns whether it was sent.
 * @throws if an argument is wrong, or the peer takes less data (EMSGSIZE).
 */
export function notify(
  connection: Connection | undefined,
  data: unknown,
  options: NotifyOptions,
): boolean {
  const octets = octetsOf(data, 'data');
  const code = checkCode(options.code, 'options.code');
  if (!connection?.isOpen || connection.isClosed) return false;
  const { provider } = connection;
  const status = provider.sendNotice(octets, code);
  if (status === WSAEMSGSIZE) {
    throw new WinsockError(status, {
      syscall: 'notify',
      detail: `the notice has ${octets?.length} octets, the peer takes ${provider.disconnectDataLimit}`,
    });
  }
  if (status === 0) debug('notice sent: %d octets', octets?.length ?? 0);
  return status === 0;
}
