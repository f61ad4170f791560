// Requests a page over goodbyte, keeps the connection, and prints the reason for which
// the server ended it.
//
//   node dist/examples/http/client.js PORT [PATH]
import { once } from 'node:events';
import http from 'node:http';
import { text } from 'node:stream/consumers';
import { connect } from 'goodbyte/promises';

const [port, path = '/'] = process.argv.slice(2);
const socket = await connect({ port: Number(port), callerData: 'client 1' });
// `http` adds and removes its own listeners; ours is there from the start.
const told = once(socket, 'disconnect') as Promise<[Buffer | undefined]>;

const agent = Object.assign(new http.Agent({ keepAlive: true }), {
  createConnection: () => socket,
  // Node's own agent lets the process end while a connection is idle.
  keepSocketAlive: () => true,
});
const request = http.get({ path, agent });
const [response] = (await once(request, 'response')) as [http.IncomingMessage];
process.stdout.write(await text(response));

const [reason] = await told;
console.log(`the server says: ${String(reason ?? 'nothing')}`);
