#!/usr/bin/env python3
"""An agent for `goodbyte conformance run`: docs/agent-protocol.md, version 1.

CALLS says which method of Socket makes a call; it takes the members of a step's
`with`. Python 3.9 and its standard library are all that is needed.

Longer than other files: it is copied as a whole, beside `wire.py`, and run.
"""

import asyncio
import contextlib
import inspect
import json
import os
import platform
import socket as sockets
import sys
import tempfile
import threading
import uuid

sys.dont_write_bytecode = True  # Leaves nothing beside the sources.
import wire  # noqa: E402

LINE_LIMIT, PENDING = 8 << 20, 64
FAMILIES = {'IPv4': 2, 'IPv6': 23, 'unix': 1}
# XP1_: guaranteed delivery and order, graceful close, connect and disconnect data.
FLAGS, MESSAGE_ORIENTED = 0x2 | 0x4 | 0x20 | 0x80 | 0x100, 0x8
VERDICTS = {'CF_ACCEPT': 0, 'CF_REJECT': 1, 'CF_DEFER': 2}
LISTEN_ON = os.environ.get('GOODBYTE_AGENT_HOST') or '127.0.0.1,::1'
HOSTS = {'IPv6' if ':' in host else 'IPv4': host for host in LISTEN_ON.split(',')}
CANNOT_CONNECT = {'listening': 'WSAEINVAL', 'connecting': 'WSAEALREADY', 'open': 'WSAEISCONN',
                  'closed': 'WSAENOTSOCK'}


class Unsupported(Exception):
    """A call, parameter or value that the agent does not know."""


class Failure(Exception):
    """A call failed: the error's name, and the other members of its result."""


class Socket:
    """A socket with Winsock's semantics, and its pending indications."""

    def __init__(self, run, name):
        self.run, self.name, self.state = run, name, 'idle'  # or one of CANNOT_CONNECT
        self.options = {'connectTimeout': 30_000, 'handshakeTimeout': 30_000, 'SO_LINGER': 30}
        self.server, self.path, self.requests = None, None, []
        self.connection, self.task = None, None
        self.indications, self.answer, self.inbox, self.deaf = [], b'', [], False
        self.told_read = self.told_end = False
        self.end = None  # an error's name, or '' for a graceful end
        self.last_fields, self.refusal, self.notices = {}, {}, []

    def indicate(self, event, error=None):
        if self.state != 'closed':
            self.indications.append((event, error))
            self.run.tell('indication', socket=self.name, event=event, error=error)
        self.run.changed()

    def check(self, sending=False):
        if self.state != 'open':
            raise Failure('WSAENOTSOCK' if self.state == 'closed' else 'WSAENOTCONN')
        if sending and self.end:
            raise Failure(self.end)

    async def receive(self):
        self.indicate('FD_WRITE')
        try:
            self.last_fields = await self.connection.receive(self.deliver, self.notified)
            self.end = ''
            self.settle()
            # Nothing but FIN may follow.
            await self.connection.receive(self.deliver, self.notified)
        except wire.Lost as lost:
            if self.end is None:
                self.last_fields = dict(*lost.args)
            self.end = 'WSAECONNRESET'
            self.settle()

    def last_word(self):
        return self.last_fields.get(wire.USER_DATA, b'')

    def notified(self, fields):
        self.notices.append(fields)
        self.run.changed()

    async def deliver(self, octets):
        if self.inbox and not self.run.message:
            self.inbox[0] += octets
        elif not self.deaf:
            self.inbox.append(octets)
        self.settle()
        await self.run.until(lambda: sum(map(len, self.inbox)) <= wire.HELD)

    def settle(self):
        """FD_READ while there is data; after it FD_CLOSE, once."""
        if self.inbox and not self.told_read:
            self.told_read = True
            self.indicate('FD_READ')
        if not self.inbox and self.end is not None and not self.told_end:
            self.told_end = True
            self.indicate('FD_CLOSE', self.end or None)
        self.run.changed()

    def take(self, capacity):
        """Received octets, and whether more of the same message follow."""
        self.check()
        if self.deaf:
            raise Failure('WSAESHUTDOWN')
        if not self.inbox and (self.end != '' or self.run.message):
            raise Failure('WSAEWOULDBLOCK' if self.end is None else self.end or 'WSAEDISCON')
        octets, *rest = self.inbox or [b'']
        self.inbox = [octets[capacity:], *rest] if octets[capacity:] else rest
        self.told_read = False
        self.settle()
        return octets[:capacity], self.run.message and len(octets) > capacity

    # The calls that set up a connection.

    async def open(self):
        pass

    async def listen(self):
        host, port = HOSTS.get(self.run.family), 0
        if not host and (self.run.family != 'unix' or not hasattr(asyncio, 'start_unix_server')):
            raise Unsupported(f'no address of {self.run.family}')
        if self.run.family == 'unix':
            host = self.path = os.path.join(tempfile.gettempdir(), f'goodbyte-{uuid.uuid4()}.sock')
            self.server = await asyncio.start_unix_server(self.called, host)
        else:
            self.server = await asyncio.start_server(self.called, host, 0)
            port = self.server.sockets[0].getsockname()[1]
        self.state = 'listening'
        return {'address': {'family': self.run.family, 'address': host, 'port': port}}

    def unlisten(self):
        if self.server:
            self.server.close()
            if self.path and os.path.exists(self.path):  # Python 3.13 removes it itself.
                os.unlink(self.path)

    async def called(self, *streams):
        connection = self.run.connection(*streams, wire.CALLEE)
        try:
            seconds = self.options['handshakeTimeout'] / 1000
            data = await asyncio.wait_for(connection.answer(), seconds)
        except asyncio.TimeoutError:
            return connection.reject(10060)
        if data is not None and (self.state == 'closed' or len(self.requests) >= PENDING):
            connection.reject(10061)
        elif data is not None:
            watch = asyncio.ensure_future(asyncio.wait_for(connection.withdrawn(), 60))
            self.requests.append((connection, data, watch))
            self.indicate('FD_ACCEPT')

    async def accept(self, socket=None, condition=None, wait=True, repeat=False, select=True):
        condition = condition or {}
        verdict, data = condition.get('verdict', 'CF_ACCEPT'), condition.get('data')
        verdict, data = VERDICTS.get(verdict, verdict), self.run.octets(data)
        if isinstance(verdict, str):
            raise Unsupported(f'the verdict {verdict}')
        seen = {'conditionCalls': 0, 'callerData': None}
        while True:
            if self.state != 'listening':
                raise Failure('WSAENOTSOCK' if self.state == 'closed' else 'WSAEINVAL', seen)
            if not self.requests and not wait:
                raise Failure('WSAEWOULDBLOCK', seen)
            await self.run.until(lambda: self.requests)
            connection, caller, watch = self.requests[0]
            if watch.done():  # The caller has left, or waited for too long.
                self.requests.pop(0)
                if watch.exception():
                    connection.reject(10060)
                else:
                    connection.reset()
                raise Failure('WSAECONNRESET', seen)
            seen = {'conditionCalls': seen['conditionCalls'] + 1, 'callerFamily': self.run.family,
                    'calleeFamily': self.run.family, 'callerData': caller.hex() or None}
            if verdict != VERDICTS['CF_DEFER'] or not repeat:
                break
            await asyncio.sleep(0.01)
        if verdict not in (VERDICTS['CF_ACCEPT'], VERDICTS['CF_REJECT']):
            raise Failure('WSATRY_AGAIN' if verdict == VERDICTS['CF_DEFER'] else 'WSAEINVAL', seen)
        data = caller if condition.get('echo') else data
        if condition.get('length', len(data)) > connection.takes > 0:
            raise Failure('WSAEFAULT', seen)
        data = data if connection.takes else b''  # Such a caller wants no data.
        self.requests.pop(0)
        watch.cancel()
        await asyncio.wait({watch})
        if self.requests:
            self.indicate('FD_ACCEPT')
        if verdict == VERDICTS['CF_REJECT']:
            connection.reject(10061, data, '', condition.get('code'), condition.get('mayRepeat'))
            raise Failure('WSAECONNREFUSED', seen)
        connection.accept(data)
        made = self.run.socket(socket)
        made.connection, made.state = connection, 'open'
        made.task = asyncio.ensure_future(made.receive())
        return seen

    async def connect(self, to, callerData=None, calleeCapacity=4096):
        if self.state != 'idle':
            raise Failure(CANNOT_CONNECT[self.state])
        data = self.run.octets(callerData) or self.options.get('SO_CONNDATA', b'')
        if len(data) > 0xFFFF:
            raise Failure('WSAEFAULT')
        if to['family'] != self.run.family:
            raise Failure('WSAEAFNOSUPPORT')
        if to['address'] in ('0.0.0.0', '::') or to['family'] != 'unix' and not to['port']:
            raise Failure('WSAEADDRNOTAVAIL')
        self.state, self.connection = 'connecting', None
        self.task = asyncio.ensure_future(self.connecting(to, data, min(calleeCapacity, 0xFFFF)))
        raise Failure('WSAEWOULDBLOCK')

    async def connecting(self, *target):
        error, self.answer, self.refusal = None, b'', {}
        try:
            seconds = self.options['connectTimeout'] / 1000
            self.answer = await asyncio.wait_for(self.dial(*target), seconds)
        except wire.Refused as refused:
            error, self.answer, self.refusal = (*refused.args, {})[:3]
        except (asyncio.TimeoutError, OSError) as failure:
            late = isinstance(failure, asyncio.TimeoutError)
            error = 'WSAETIMEDOUT' if late else 'WSAECONNREFUSED'
            if self.connection:
                self.connection.reset()
        self.state = 'idle' if error else 'open'
        self.indicate('FD_CONNECT', error)
        if not error:
            await self.receive()

    async def dial(self, to, data, room):
        streams = await (asyncio.open_unix_connection(to['address']) if to['family'] == 'unix'
                         else asyncio.open_connection(to['address'], to['port']))
        self.connection = self.run.connection(*streams, wire.CALLER, room)
        return await self.connection.call(data)

    async def wait(self, event, within=None):
        def found():
            return [one for one in self.indications if one[0] == event]
        try:
            await asyncio.wait_for(self.run.until(found), within and within / 1000)
        except asyncio.TimeoutError:
            raise Failure('WSA_WAIT_TIMEOUT') from None
        error = found()[0][1]
        self.indications.remove((event, error))
        if event == 'FD_CLOSE' and error:
            return {'error': error, 'code': wire.code_of(self.last_fields)}
        data = {'rejectData' if error else 'calleeData': self.answer.hex() or None}
        if error:
            data |= {'code': wire.code_of(self.refusal), 'mayRepeat': wire.repeat_of(self.refusal)}
        return {'error': error, **(data if event == 'FD_CONNECT' else {})}

    # The calls for data.

    async def send(self, data=None):
        octets = self.run.octets(data)
        self.check(sending=True)
        if self.connection.ended:
            raise Failure('WSAESHUTDOWN')
        if self.run.message and len(octets) > self.connection.takes_message:
            raise Failure('WSAEMSGSIZE')
        self.connection.send(octets)
        return {'return': len(octets)}

    async def send_all(self, messages):
        for message in messages:
            await self.send(message)
        return {'return': len(messages)}

    async def receive_once(self, capacity=65536, peek=False, store=None):
        inbox = self.inbox
        octets, partial = self.take(capacity)
        self.inbox = inbox if peek else self.inbox
        return {'return': len(octets), 'data': self.run.keep(octets, store), 'value': bool(partial)}

    async def receive_all(self, until, store=None):
        octets, messages, message, result = b'', [], b'', {}
        while not result and (until == 'end' or len(octets) < until):
            await self.run.until(lambda: self.inbox or self.end is not None or self.deaf)
            try:
                piece, partial = self.take(65536 if until == 'end' else until - len(octets))
            except Failure as failure:
                result = {'error': failure.args[0], 'return': -1}
                continue
            if not piece:
                result = {'return': 0}
            elif partial:
                message += piece
            else:
                messages, message = [*messages, (message + piece).hex()], b''
            octets += piece
        return {'return': len(octets), **result, 'data': self.run.keep(octets, store),
                'messages': messages}

    # The calls that end it.

    async def notify(self, data=None, code=None):
        octets = self.run.octets(data)
        self.check(sending=True)
        if self.connection.ended:
            raise Failure('WSAESHUTDOWN')
        if len(octets) > self.connection.takes_last:
            raise Failure('WSAEMSGSIZE')
        self.connection.notify(octets, code)

    async def receive_notice(self):
        await self.run.until(lambda: self.notices)
        fields = self.notices.pop(0)
        return {'data': fields.get(wire.USER_DATA, b'').hex() or None, 'code': wire.code_of(fields)}

    async def disconnect(self, data=None, code=None):
        given = self.run.octets(data)
        octets = given or self.options.get('SO_DISCDATA', b'')
        self.check(sending=True)
        if self.connection.ended and given:
            raise Failure('WSAESHUTDOWN')
        if len(octets) > self.connection.takes_last:
            raise Failure('WSAEMSGSIZE')
        if not self.connection.ended:
            self.connection.disconnect(octets, code)

    async def shutdown(self, how):
        if how not in ('SD_SEND', 'SD_RECEIVE', 'SD_BOTH'):
            raise Failure('WSAEINVAL')
        self.check()
        if how != 'SD_RECEIVE':
            await self.disconnect()
            self.connection.fin()
        if how != 'SD_SEND':
            self.deaf, self.inbox = True, []
            self.settle()

    async def receive_disconnect(self, capacity=4096, store=None):
        self.check()
        if not self.told_end:
            raise Failure('WSAEWOULDBLOCK')
        word = self.last_word()
        if len(word) > capacity:
            raise Failure('WSAEFAULT', {'needed': len(word)})
        return {'data': self.run.keep(word, store), 'code': wire.code_of(self.last_fields)}

    async def close(self, code=None):
        before, self.state = self.state, 'closed'
        if before == 'closed':
            raise Failure('WSAENOTSOCK')
        parts = before == 'open' and not self.end and self.options['SO_LINGER']
        if self.task and not parts:
            self.task.cancel()
            await asyncio.wait({self.task})
        self.unlisten()
        for connection, _, watch in self.requests:
            watch.cancel()
            connection.reject(10061)
        if parts:
            self.deaf, self.inbox = True, []
            self.run.changed()
            if not self.connection.ended:
                self.connection.disconnect(self.options.get('SO_DISCDATA', b''))
            self.connection.part(self.task, self.options['SO_LINGER'])
        elif self.connection:
            self.connection.abort(code)

    async def disconnect_and_close(self, data=None, code=None):
        await self.disconnect(data, code)
        await self.close()

    async def set_option(self, option, value=None, data=None):
        if self.state == 'closed':
            raise Failure('WSAENOTSOCK')
        if option not in ('SO_LINGER', 'SO_CONNDATA', 'SO_DISCDATA'):
            raise Unsupported(f'the option {option}')
        seconds = 30 if value is None else value
        self.options[option] = seconds if option == 'SO_LINGER' else self.run.octets(data)


CALLS = {
    'WSASocket': Socket.open, 'listen': Socket.listen, 'WSAAccept': Socket.accept,
    'WSAConnect': Socket.connect, 'WSAWaitForMultipleEvents': Socket.wait,
    'WSASend': Socket.send, 'WSASend*': Socket.send_all, 'WSARecv': Socket.receive_once,
    'WSARecv*': Socket.receive_all, 'shutdown': Socket.shutdown, 'closesocket': Socket.close,
    'WSASendDisconnect': Socket.disconnect, 'WSARecvDisconnect': Socket.receive_disconnect,
    'WSASendDisconnect+closesocket': Socket.disconnect_and_close, 'setsockopt': Socket.set_option,
    'notice.send': Socket.notify, 'notice.receive': Socket.receive_notice}


class Run:
    """One run: its sockets and stored data."""

    def __init__(self, tell, family, message):
        self.tell, self.family, self.message = tell, family, message
        self.sockets, self.stored, self.connections, self.lanes = {}, {}, [], {}
        self.event = asyncio.Event()

    def changed(self):
        self.event.set()
        self.event = asyncio.Event()

    async def until(self, ready):
        while not ready():
            await self.event.wait()

    def socket(self, name):
        return self.sockets.setdefault(name, Socket(self, name))

    def connection(self, reader, writer, role, room=wire.TAKES):
        self.connections.append(wire.Connection(reader, writer, role, self.message, room))
        return self.connections[-1]

    def octets(self, spec):
        if not spec:
            return b''
        if 'utf8' in spec:
            return spec['utf8'].encode()
        if 'hex' in spec:
            return bytes.fromhex(spec['hex'])
        if 'stored' in spec:
            return self.stored[spec['stored']]
        pattern = spec['repeat'].encode() if 'repeat' in spec else bytes(range(256))
        return (pattern * (spec['length'] // len(pattern) + 1))[:spec['length']]

    def keep(self, octets, store):
        if store is not None:
            self.stored[store] = octets
        return octets.hex() or None

    def sum(self, of, plus=0, store=None):
        total = sum(int(self.stored[name]) for name in of) + plus
        return {'data': self.keep(str(total).encode(), store)}

    async def perform(self, call, given):
        if call == 'sum':
            return self.sum(**given)
        if call not in CALLS:
            raise Unsupported(call)
        name = given.pop('listener', None) or given.pop('socket')
        if name not in self.sockets and call not in ('WSASocket', 'listen', 'WSAConnect'):
            raise Failure('no socket has this name')
        socket, options = self.socket(name), given.pop('options', {})
        unknown = given.keys() - inspect.signature(CALLS[call]).parameters.keys()
        unknown |= options.keys() - socket.options.keys()
        if unknown:
            raise Unsupported(f'{call}: {unknown.pop()}')
        socket.options.update(options)
        return await CALLS[call](socket, **given)

    async def execute(self, before, seq, call, given):
        if before:
            await asyncio.wait({before})
        try:
            result = {'error': None, 'return': 0, **(await self.perform(call, given) or {})}
        except Unsupported as what:
            return self.tell('unsupported', seq=seq, what=str(what))
        except Failure as failure:
            result = {'error': failure.args[0], 'return': -1, **dict(*failure.args[1:])}
        except Exception as bug:  # Not a Winsock name: it fits no expectation.
            result = {'error': f'THREW {bug!r}'[:1024]}
        self.tell('result', seq=seq, **result)

    def step(self, message):
        lane = message.get('lane')
        self.lanes[lane] = asyncio.ensure_future(self.execute(
            self.lanes.get(lane), message['seq'], message['call'], message['with']))

    def end(self):
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        for connection in self.connections:
            connection.reset()
        for socket in self.sockets.values():
            socket.unlisten()


def protocols():
    """The protocols of the available families, as from WSAEnumProtocols."""
    families = []
    for family, host in HOSTS.items():
        with contextlib.suppress(OSError):
            kind = sockets.AF_INET6 if family == 'IPv6' else sockets.AF_INET
            sockets.create_server((host, 0), family=kind).close()
            families.append(family)
    if hasattr(asyncio, 'start_unix_server') and 'GOODBYTE_AGENT_HOST' not in os.environ:
        families.append('unix')
    return [{'addressFamily': FAMILIES[family], 'socketType': kind, 'serviceFlags1': flags}
            for family in families for kind, flags in ((1, FLAGS), (5, FLAGS | MESSAGE_ORIENTED))]


async def serve(lines, tell):
    """Executes the runner's messages until it ends; returns an error if one is invalid."""
    run = None
    while True:
        line = await lines.get()
        if len(line) > LINE_LIMIT or not line:
            return line and 'a line is too long'
        try:
            message = json.loads(line) if line.strip() else {}
            kind = message.get('type')
            if run and kind in ('begin', 'end'):
                run = run.end()
            if kind == 'begin':
                run = Run(tell, message['family'], message['socketType'] == 'message')
            elif kind == 'end':
                tell('ended', seq=message['seq'])
            elif kind == 'step' and run:
                run.step(message)
            elif kind == 'refused':
                return message.get('why')
        except (ValueError, KeyError, AttributeError) as error:
            return f'a line makes no sense: {error!r}'


async def main():
    where, token = os.environ.get('GOODBYTE_AGENT_CONNECT'), os.environ.get('GOODBYTE_AGENT_TOKEN')
    if where:
        host, _, port = where.rpartition(':')
        runner = sockets.create_connection((host.strip('[]'), int(port)))
        runner.setsockopt(sockets.SOL_SOCKET, sockets.SO_KEEPALIVE, 1)
        runner.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
        source, sink = runner.makefile('rb'), runner.makefile('wb')
    else:
        source, sink = os.fdopen(0, 'rb', closefd=False), os.fdopen(1, 'wb', closefd=False)
    loop, lines = asyncio.get_running_loop(), asyncio.Queue()

    def tell(kind, **members):
        sink.write(json.dumps({'type': kind, **members}).encode() + b'\n')
        sink.flush()

    def read():
        line = b' '
        while line:
            line = source.readline(LINE_LIMIT + 1)
            loop.call_soon_threadsafe(lines.put_nowait, line)

    tell('hello', protocol='goodbyte-agent', version=1, agent='goodbyte-python 1',
         system=f'{sys.platform} {platform.machine()}, Python {platform.python_version()}',
         provider='framed', protocols=protocols(), calls=[*CALLS, 'sum'], lacks=['limits', 'qos', 'tls'],
         **({'token': token} if token else {}))
    threading.Thread(target=read, daemon=True).start()
    why = await serve(lines, tell)
    sys.exit(f'agent.py: the runner has ended it: {why}' if why else 0)


asyncio.run(main())
