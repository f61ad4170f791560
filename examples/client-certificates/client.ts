// Shows its certificate, and trusts servers with one from the same authority.
//
//   node dist/examples/client-certificates/client.js FOLDER NAME [PORT]
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { WinsockError } from 'goodbyte';
import { connect } from 'goodbyte/promises';

const [folder = '.', name = '', port = '4711'] = process.argv.slice(2);
const read = (file: string) => readFileSync(path.join(folder, file));

try {
  const socket = await connect({
    host: 'localhost',
    port: Number(port),
    tls: {
      ca: read('ca.pem'),
      cert: read(`${name}.pem`),
      key: read(`${name}.key`),
    },
    callerData: 'post the day',
  });
  console.log(String(socket.calleeData));
  console.log(String(await socket.disconnect('41')));
} catch (error) {
  const { message, rejectData } = error as WinsockError;
  console.log(rejectData ? `refused: ${String(rejectData)}` : message);
  process.exitCode = 1;
}
