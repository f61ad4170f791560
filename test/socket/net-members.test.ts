import theirs from 'node:net';
import t from 'tap';
import * as names from '../../src/index.js';

// Compares exports and members with those of the running Node, so that additions in a
// later version show here.

const ours = names.default;
const { Server, Socket } = ours;

/** Node's internals, by names that nothing else should use. */
const isInside = (name: string) => name.startsWith('_');

/** Objects whose own members are compared too. */
const own = { Socket: new theirs.Socket(), Server: new theirs.Server() };

const cases: [what: string, theirs: object, ours: object][] = [
  ['exports', theirs, ours],
  ['names', theirs, names],
  ['Socket', theirs.Socket, Socket],
  ['Socket.prototype', theirs.Socket.prototype, Socket.prototype],
  ['a Socket', own.Socket, new Socket()],
  ['Server', theirs.Server, Server],
  ['Server.prototype', theirs.Server.prototype, Server.prototype],
  ['a Server', own.Server, new Server()],
];

for (const [what, of, mine] of cases) {
  t.test(`${what} has all members of net's`, (t) => {
    const all = Object.getOwnPropertyNames(of);
    t.ok(all.length > 0, 'there is something to compare');
    const lacking = all.filter((name) => !isInside(name) && !(name in mine));
    t.same(lacking, []);
    t.end();
  });
}

t.test('methods are methods', (t) => {
  for (const name of ['Socket', 'Server'] as const) {
    const all = Object.getOwnPropertyDescriptors(theirs[name].prototype);
    const mine = Reflect.get(ours[name], 'prototype') as object;
    for (const [method, { value }] of Object.entries(all)) {
      if (isInside(method) || typeof value !== 'function') continue;
      t.type(Reflect.get(mine, method), 'function', `${name}.${method}`);
    }
  }
  t.end();
});

t.test('inner names that libraries ask for', (t) => {
  t.ok('_handle' in Socket.prototype);
  t.ok('_connecting' in Socket.prototype);
  t.ok('_connectionKey' in Server.prototype);
  t.end();
});

t.test('a Node without BoundSocket has none here', (t) => {
  t.equal('BoundSocket' in ours, 'BoundSocket' in theirs);
  t.end();
});
