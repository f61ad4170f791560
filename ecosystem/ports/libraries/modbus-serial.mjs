// A Modbus server and client over TCP.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { leave, require, sayGoodbye } from '../libraries.mjs';

const Modbus = require('modbus-serial');

const server = new Modbus.ServerTCP(
  { getHoldingRegister: (address) => address + 1000 },
  { host: '127.0.0.1', port: 0 },
);
await once(server, 'initialized');
const client = new Modbus();
await client.connectTCP('127.0.0.1', { port: server._server.address().port });
const { data } = await client.readHoldingRegisters(7, 2);
assert.deepEqual(data, [1007, 1008]);
await sayGoodbye();
leave();
