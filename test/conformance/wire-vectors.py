"""Runs conformance/vectors on the wire format of the Python agent.

    python3 test/conformance/wire-vectors.py

Prints how many cases there were, then each that fails; exits with 1 if one does.
"""

import asyncio
import json
import pathlib
import struct
import sys

root = pathlib.Path(__file__).parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(root / 'conformance/agents/python'))
import wire  # noqa: E402

NAMES = {name: getattr(wire, name) for name in 'CONNECT ACCEPT REJECT DISCONNECT RESET NOTICE PING PONG'.split()}
FLOWSPEC = ('tokenRate tokenBucketSize peakBandwidth latency delayVariation serviceType '
            'maxSduSize minimumPolicedSize').split()


def receiver(case):
    """A connection that hears `case`'s octets; nothing is written."""
    role = wire.CALLEE if case['from'] == 'caller' else wire.CALLER
    connection = wire.Connection(
        asyncio.StreamReader(), None, role, case['mode'] == 'message', 0)
    limits = case['limits']
    own = {kind: connection.longest[kind] for kind in (wire.PING, wire.PONG)}
    connection.longest = dict.fromkeys(connection.longest, 1024 + 2 * limits['userData']) | own
    connection.longest[wire.DATA] = (
        limits['message'] if case['mode'] == 'message' else 0xFFFFFF)
    return connection


async def hear(connection, events):
    """What the connection tells, until FIN or an error."""
    if not await connection.more():
        return events.append({'event': 'end'})
    lowest, highest = await connection.preface()
    events.append({'event': 'preface', 'min': lowest, 'max': highest})
    while True:
        kind, octets = await connection.frame()
        if kind is None:
            return events.append({'event': 'end'})
        if kind != wire.DATA:
            name = next(name for name in NAMES if NAMES[name] == kind)
            events.append({'event': 'frame', 'type': name, 'payload': octets.hex()})
        elif connection.message:
            events.append({'event': 'message', 'hex': octets.hex()})
        elif events[-1]['event'] == 'data':
            events[-1]['hex'] += octets.hex()
        else:
            events.append({'event': 'data', 'hex': octets.hex()})


async def direction(case, octets, step, fin):
    """Events and error of some octets, fed `step` at a time."""
    connection, events = receiver(case), []
    hearing = asyncio.ensure_future(hear(connection, events))
    for at in range(0, len(octets), step):
        connection.reader.feed_data(octets[at:at + step])
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    if fin:
        connection.reader.feed_eof()
    await asyncio.wait({hearing}, timeout=None if fin else 0.001)
    error = None
    if not hearing.done():
        hearing.cancel()
    elif hearing.exception():
        error = str(hearing.exception())
    return events, error


def octets_of(case):
    return bytes.fromhex(''.join(case['hex']))


async def check_direction(case):
    octets, fin = octets_of(case), 'fin' in case
    expected = case['events'], case.get('error')
    for step in (len(octets) or 1, 1, 3) if len(octets) < 20_000 else (len(octets),):
        got = await direction(case, octets, step, fin)
        if got != expected:
            return f'by {step}: {got} is not {expected}'
    for length in range(1, len(octets)) if 'boundaries' in case else ():
        events, error = await direction(case, octets[:length], length, True)
        whole = length in case['boundaries']
        opened = any(event['event'] == 'frame' for event in events)
        expected = 'truncated' if not whole else 'cut' if opened else None
        if error != expected:
            return f'cut off at {length}: {error} is not {expected}'
    return None


def meaning(fields):
    """Fields as the vectors have them."""
    def flow(octets):
        return dict(zip(FLOWSPEC, struct.unpack('>8I', octets)))
    found = {}
    for name, key in ((wire.USER_DATA, 'userData'), (wire.USER_OPTIONS, 'userOptions')):
        if fields.get(name):
            found[key] = fields[name].hex()
    if wire.SOCKET_TYPE in fields:
        found['socketType'] = fields[wire.SOCKET_TYPE][0]
    if wire.QOS in fields:
        qos = fields[wire.QOS]
        found['qos'] = {'sending': flow(qos[:32]), 'receiving': flow(qos[32:64])}
        if qos[64:]:
            found['qos']['providerSpecific'] = qos[64:].hex()
    if wire.LIMITS in fields:
        found['limits'] = dict(zip(('handshakeData', 'disconnectData', 'message'),
                                   struct.unpack('>HHI', fields[wire.LIMITS])))
    if wire.STATUS in fields:
        found['status'] = int.from_bytes(fields[wire.STATUS], 'big')
    if wire.CODE in fields:
        found['code'] = int.from_bytes(fields[wire.CODE], 'big')
    if fields.get(wire.REPEAT, b'\2')[0] < 2:
        found['mayRepeat'] = fields[wire.REPEAT] == b'\1'
    if wire.IDLE_LIMIT in fields:
        found['idleLimit'] = int.from_bytes(fields[wire.IDLE_LIMIT], 'big')
    return found


def check_fields(case):
    try:
        fields = wire.parse(NAMES[case['frame']], octets_of(case), case['limits']['userData'])
        got = meaning(fields), None
    except wire.Violation as violation:
        got = None, str(violation)
    expected = case.get('fields'), case.get('error')
    if expected[0]:
        # The agent shows no REASON to anybody.
        expected[0].pop('reason', None)
    return None if got == expected else f'{got} is not {expected}'


async def main():
    count, failures = 0, []
    for path in sorted((root / 'conformance/vectors').glob('*.json')):
        vectors = json.loads(path.read_text())
        for case in vectors.get('cases', ()):
            if vectors['kind'] == 'versions' or 'allowPlain' in case:
                continue  # The agent speaks version 1 alone, and takes no plain peer.
            count += 1
            problem = (await check_direction(case) if vectors['kind'] == 'direction'
                       else check_fields(case))
            if problem:
                failures.append(f'{case["id"]}: {problem}')
    print(f'{count} cases', *failures, sep='\n')
    return 1 if failures else 0


sys.exit(asyncio.run(main()))
