import t from 'tap';
import { Chain, type Chained } from '../src/chain.js';

class Member implements Chained<Member> {
  chain: object | undefined;
  previous: Member | undefined;
  next: Member | undefined;
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

const namesOf = (chain: Chain<Member>) =>
  Array.from(chain, ({ name }) => name).join('');

function chainOf(names: string): [Chain<Member>, Map<string, Member>] {
  const chain = new Chain<Member>();
  const members = new Map<string, Member>();
  for (const name of names) {
    const member = new Member(name);
    members.set(name, member);
    chain.add(member);
  }
  return [chain, members];
}

for (const { out, left } of [
  { out: '', left: 'abc' },
  { out: 'a', left: 'bc' },
  { out: 'b', left: 'ac' },
  { out: 'c', left: 'ab' },
  { out: 'bac', left: '' },
]) {
  t.test(`of abc, without "${out}"`, (t) => {
    const [chain, members] = chainOf('abc');
    for (const name of out) {
      const member = members.get(name)!;
      t.ok(chain.delete(member));
      t.notOk(chain.delete(member), 'once');
      t.same(
        [member.chain, member.previous, member.next],
        [undefined, undefined, undefined],
        'removed entries point to nothing',
      );
    }
    t.equal(namesOf(chain), left);
    t.equal(chain.size, left.length);
    t.equal(chain.first?.name, left[0]);
    chain.add(new Member('d'));
    t.equal(namesOf(chain), `${left}d`);
    t.end();
  });
}

t.test('removing a foreign entry leaves other chains alone', (t) => {
  const [, members] = chainOf('a');
  const [chain] = chainOf('b');
  t.notOk(chain.delete(members.get('a')!));
  t.equal(chain.size, 1);
  t.end();
});

t.test('an entry removed meanwhile is not visited', (t) => {
  const [chain, members] = chainOf('abc');
  const visited: string[] = [];
  for (const member of chain) {
    visited.push(member.name);
    chain.delete(member);
    chain.delete(members.get('b')!);
  }
  t.same(visited, ['a', 'c']);
  t.equal(chain.size, 0);
  t.end();
});
