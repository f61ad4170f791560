// AMQP 1.0, both ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { leave, require, sayGoodbye } from '../libraries.mjs';

const container = require('rhea').create_container({ id: 'server' });
const caller = require('rhea').create_container({ id: 'client' });

const received = once(container, 'message');
const listener = container.listen({ host: '127.0.0.1', port: 0 });
await once(listener, 'listening');
const connection = caller.connect({
  host: '127.0.0.1',
  port: listener.address().port,
  reconnect: false,
});
connection.on('disconnected', () => {});
const sender = connection.open_sender('greetings');
await once(caller, 'sendable');
sender.send({ body: 'hello' });
const [{ message }] = await received;
assert.equal(message.body, 'hello');
await sayGoodbye();
leave();
