// An MQTT broker and client.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { leave, listen, net, require, sayGoodbye } from '../libraries.mjs';

const { Aedes } = require('aedes');
const mqtt = require('mqtt');

const broker = await Aedes.createBroker();
const port = await listen(net.createServer(broker.handle));
const client = mqtt.connect({ port, host: '127.0.0.1', protocol: 'mqtt' });
await once(client, 'connect');
await client.subscribeAsync('greetings');
client.publish('greetings', 'hello', { qos: 1 });
const [topic, payload] = await once(client, 'message');
assert.equal(`${topic}: ${payload}`, 'greetings: hello');
await sayGoodbye();
leave(() => client.end(true));
