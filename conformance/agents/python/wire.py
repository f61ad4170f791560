"""The goodbyte wire format, version 1: docs/wire-format.md, whose sections § names."""

import asyncio
import contextlib
import os
import socket
import struct

MAGIC, VERSION, CALLER, CALLEE = b'\xf6GBYE', 1, 1, 2
CONNECT, ACCEPT, REJECT, DATA, DISCONNECT, RESET = range(1, 7)
NOTICE, PING, PONG = 0x81, 0x82, 0x83
USER_DATA, USER_OPTIONS, SOCKET_TYPE, QOS, LIMITS, STATUS = 1, 2, 3, 4, 5, 6
REASON, CODE, REPEAT, IDLE_LIMIT = 0x87, 0x88, 0x89, 0x8A
LENGTHS = {USER_DATA: (0, 0xFFFF), USER_OPTIONS: (0, 0xFFFF), SOCKET_TYPE: (1, 1),
           QOS: (64, 576), LIMITS: (8, 8), STATUS: (2, 2), REASON: (0, 0xFFFF), CODE: (4, 4),
           REPEAT: (1, 1), IDLE_LIMIT: (4, 4)}
MANDATORY = {CONNECT: {SOCKET_TYPE, LIMITS}, ACCEPT: {LIMITS}, REJECT: {STATUS}}
MEANT = {CONNECT: {USER_DATA, USER_OPTIONS, SOCKET_TYPE, QOS, LIMITS, IDLE_LIMIT},
         ACCEPT: {USER_DATA, USER_OPTIONS, QOS, LIMITS, IDLE_LIMIT},
         REJECT: {USER_DATA, LIMITS, STATUS, REASON, CODE, REPEAT},
         DISCONNECT: {USER_DATA, USER_OPTIONS, CODE}, RESET: {STATUS, REASON, CODE},
         NOTICE: {USER_DATA, CODE}}  # §7
SIGNATURES = b'PROXY ', b'\r\n\r\n\0\r\nQ'  # of the PROXY protocol (§3.1)
TAKES, TAKES_MESSAGE = 4096, 1 << 20  # the limits of this side (§6)
HELD = 1 << 16  # octets that may wait before reading stops
ERRORS = {10060: 'WSAETIMEDOUT', 10014: 'WSAEFAULT', 10041: 'WSAEPROTOTYPE',
          10045: 'WSAEOPNOTSUPP',  # any other STATUS of REJECT: WSAECONNREFUSED (§7.4)
          'bad-magic': 'WSAEPROTONOSUPPORT', 'bad-role': 'WSAEPROTONOSUPPORT',  # as is proxy-header, which no caller reports
          'version-unsupported': 'WSAVERNOTSUPPORTED'}  # any other violation: WSAECONNRESET (§8)


class Violation(Exception):
    """The peer broke the format: a name of §8."""


class Lost(Exception):
    """An abortive or unexpected end; with the fields of RESET, if there was one."""


class Refused(Exception):
    """A connect that failed: the error's name, reject data, and the fields that came with it."""


def code_of(fields):
    """CODE (§5.8)."""
    return int.from_bytes(fields[CODE], 'big') if CODE in fields else None


def repeat_of(fields):
    """Whether the caller may call again, if the callee says so (§5.9)."""
    return {b'\0': False, b'\1': True}.get(fields.get(REPEAT))


def said(code, repeat=None):
    """Both as they are sent."""
    return ((CODE, b'' if code is None else code.to_bytes(4, 'big')),
            (REPEAT, b'' if repeat is None else bytes((repeat,))))


def control(kind, *fields):
    """A control frame. Fields without a value are left out (§5.1)."""
    payload = b''.join(
        struct.pack('>BH', name, len(value)) + value for name, value in fields if value)
    return struct.pack('>I', kind << 24 | len(payload)) + payload


def parse(kind, payload, takes):
    """The fields of a control frame; errors are reported in the order of §8."""
    found, at = {}, 0
    while at < len(payload):
        name, length = struct.unpack('>BH', payload[at:at + 3].ljust(3, b'\xff'))
        value, at = payload[at + 3:at + 3 + length], at + 3 + length
        if at > len(payload):
            raise Violation('field-overrun')
        if name in found:
            raise Violation('duplicate-field')
        if name not in LENGTHS and not name & 0x80:
            raise Violation('unknown-field')
        if name in LENGTHS:
            if not LENGTHS[name][0] <= length <= LENGTHS[name][1]:
                raise Violation('bad-field')
            found[name] = value
    if MANDATORY.get(kind, set()) - found.keys():
        raise Violation('missing-field')
    meant = {name: value for name, value in found.items() if name in MEANT[kind]}
    if any(len(meant.get(name, b'')) > takes for name in (USER_DATA, USER_OPTIONS)):
        raise Violation('user-data-too-long')
    return meant


class Connection:
    """An end of a connection; as a caller it takes `room` octets of callee or reject data."""

    def __init__(self, reader, writer, role, message, room=TAKES):
        self.reader, self.writer, self.role = reader, writer, role
        self.message, self.room = message, room
        self.ahead, self.kind, self.left = b'', None, 0
        self.longest = dict.fromkeys(range(CONNECT, RESET + 1), 1024 + 2 * max(room, TAKES))  # §6
        self.longest[DATA] = TAKES_MESSAGE if message else 0xFFFFFF
        self.longest |= {NOTICE: self.longest[CONNECT], PING: 255, PONG: 255}
        self.allowed = {CONNECT, RESET} if role == CALLEE else {ACCEPT, REJECT, RESET}
        self.socket_type = b'\5' if message else b'\1'
        # The peer's preface has come, and is of our version; our last frame has gone, and
        # before the peer's came; the peer's has come, and its FIN (§10.4).
        self.speaks = self.ended = self.first = self.heard = self.over = False
        self.idle_limit = None  # the peer's, in seconds, if it has announced one (§5.10)

    async def more(self):
        """Waits for octets; False at FIN."""
        try:
            self.ahead = self.ahead or await self.reader.read(HELD)
        except OSError as error:
            raise Lost from error
        return bool(self.ahead)

    async def read(self, count, some=False):
        """That many octets, or `some` of them as they come."""
        octets = b''
        while len(octets) < count and not (some and octets):
            if not await self.more():
                raise Violation('truncated')
            missing = count - len(octets)
            octets, self.ahead = octets + self.ahead[:missing], self.ahead[missing:]
        return octets

    async def preface(self):
        """The peer's lowest and highest version (§3.1)."""
        if not await self.more():
            raise Lost
        for octet in MAGIC:
            seen = await self.read(1)
            if seen != bytes((octet,)):
                await self.stranger(seen if octet == MAGIC[0] else b'')
        role, lowest, highest = await self.read(3)
        if role == self.role or role not in (CALLER, CALLEE):
            raise Violation('bad-role')
        if not 0 < lowest <= highest:
            raise Violation('bad-version')
        return lowest, highest

    async def stranger(self, seen):
        """Checks whether a peer without framing is a proxy (§3.1)."""
        while seen and self.role == CALLEE and any(one.startswith(seen) for one in SIGNATURES):
            if seen in SIGNATURES:
                raise Violation('proxy-header')
            if not await self.more():
                break
            seen += await self.read(1)
        raise Violation('bad-magic')

    async def frame(self):
        """The next frame, or piece of a stream's DATA; nothing at FIN (§4, §7.1)."""
        while self.left or await self.more():
            if not self.left:
                await self.header()
            whole = self.kind in self.longest and (self.kind != DATA or self.message)
            octets = await self.read(self.left, some=not whole)
            self.left -= len(octets)
            if whole or octets and self.kind == DATA:
                self.heard = self.heard or self.kind == DISCONNECT
                self.fin_if_due()
                return self.kind, octets
        if DATA in self.allowed:
            raise Violation('cut')
        self.over = True
        self.fin_if_due()
        return None, b''

    async def header(self):
        if not self.allowed:
            raise Violation('trailing-octets')
        self.kind, *length = await self.read(4)
        self.left = int.from_bytes(length, 'big')
        if self.kind not in self.longest:
            if not self.kind & 0x80:
                raise Violation('unknown-frame')
        elif self.kind not in self.allowed:
            raise Violation('unexpected-frame')
        elif self.left > self.longest[self.kind]:
            raise Violation('frame-too-long')
        elif self.kind in (CONNECT, ACCEPT):
            self.allowed = {DATA, DISCONNECT, RESET, NOTICE, PING, PONG}
        elif self.kind in (REJECT, DISCONNECT, RESET):
            self.allowed = set()

    def write(self, kind, *fields):
        self.writer.write(control(kind, *fields))

    def greet(self):
        self.writer.write(MAGIC + bytes((self.role, VERSION, VERSION)))

    def limits(self):
        return LIMITS, struct.pack('>HHI', self.room, TAKES, TAKES_MESSAGE)

    async def handshake(self, takes):
        """The peer's CONNECT, ACCEPT or REJECT."""
        kind, payload = await self.frame()
        fields = parse(kind, payload, takes) if kind else {}
        if kind in (None, RESET):
            raise Lost(fields)
        if kind != REJECT:
            self.takes, self.takes_last, self.takes_message = struct.unpack('>HHI', fields[LIMITS])
            if IDLE_LIMIT in fields:
                limit = int.from_bytes(fields[IDLE_LIMIT], 'big')
                self.idle_limit = limit and max(1, limit / 1000)
        if kind == ACCEPT:
            self.keep_alive()
        return kind, fields, fields.get(USER_DATA, b'')

    async def call(self, data):
        """Connects: the callee's data, or Refused."""
        self.greet()
        self.write(CONNECT, (SOCKET_TYPE, self.socket_type), self.limits(), (USER_DATA, data),
                   (IDLE_LIMIT, bytes(4)))
        try:
            lowest, highest = await self.preface()
            if not lowest <= VERSION <= highest:
                raise Violation('version-unsupported')
            if lowest != highest:
                raise Violation('bad-version')
            self.speaks = True
            kind, fields, answer = await self.handshake(self.room)
        except Violation as violation:
            self.complain(violation)
            own, other = map(self.writer.get_extra_info, ('sockname', 'peername'))
            if str(violation) == 'bad-role' and own and own == other:  # connected to itself (§8)
                raise Refused('WSAECONNREFUSED', b'') from violation
            raise Refused(ERRORS.get(str(violation), 'WSAECONNRESET'), b'') from violation
        except Lost as lost:
            self.reset()
            error = 'WSAECONNRESET' if self.speaks else 'WSAECONNREFUSED'
            raise Refused(error, b'', *lost.args) from lost
        if kind == REJECT:
            self.linger()
            status = int.from_bytes(fields[STATUS], 'big')
            raise Refused(ERRORS.get(status, 'WSAECONNREFUSED'), answer, fields)
        return answer

    async def answer(self):
        """Receives a caller's CONNECT: its data, or None if it was refused."""
        try:
            lowest, highest = await self.preface()
            self.greet()
            if not lowest <= VERSION <= highest:
                return self.linger()
            self.speaks = True
            _, fields, data = await self.handshake(TAKES)
        except Violation as violation:
            too_long = str(violation) in ('frame-too-long', 'user-data-too-long')
            too_long = too_long and self.kind == CONNECT
            return self.reject(10014 if too_long else 10061, reason=violation)
        except Lost:
            return self.reset()
        return data if fields[SOCKET_TYPE] == self.socket_type else self.reject(10041)

    async def withdrawn(self):
        """Returns when the caller withdraws its request, by FIN or a reset (§7.2)."""
        with contextlib.suppress(OSError):
            while len(self.ahead) < HELD:
                octets = await self.reader.read(HELD)
                if not octets:
                    return
                self.ahead += octets
            await asyncio.Event().wait()

    def accept(self, data):
        announced = () if self.idle_limit is None else ((IDLE_LIMIT, bytes(4)),)
        self.write(ACCEPT, self.limits(), (USER_DATA, data), *announced)
        self.keep_alive()

    def reject(self, status, data=b'', reason='', code=None, repeat=None):
        if not self.speaks:
            return self.reset()
        self.write(REJECT, self.limits(), (STATUS, status.to_bytes(2, 'big')), (USER_DATA, data),
                   (REASON, str(reason).encode()), *said(code, repeat))
        self.linger()

    async def receive(self, deliver, notified):
        """Passes DATA and NOTICE on until the peer's last word: the fields of that, or Lost."""
        try:
            kind, payload = await self.frame()
            while kind in (DATA, NOTICE, PING, PONG):
                if kind == DATA:
                    await deliver(payload)
                elif kind == NOTICE:
                    notified(parse(kind, payload, TAKES))
                elif kind == PING:
                    self.pong(payload)
                kind, payload = await self.frame()
            fields = parse(kind, payload, TAKES)
        except Violation as violation:
            self.complain(violation)
            raise Lost from violation
        if kind == RESET:
            self.reset()
            raise Lost(fields)
        return fields

    def send(self, octets):
        for at in range(0, len(octets), 0xFFFFFF) or (0,) * self.message:
            piece = octets[at:at + 0xFFFFFF]
            self.writer.write(struct.pack('>I', DATA << 24 | len(piece)) + piece)

    def pong(self, octets=b''):
        """At most one waits to be sent (§7.9)."""
        if not self.ended and not self.writer.transport.get_write_buffer_size():
            self.writer.write(struct.pack('>I', PONG << 24 | len(octets)) + octets)

    def keep_alive(self):
        """A sign of life in each third of the peer's limit, requested or not (§10.5)."""
        async def keeping():
            while not self.ended and not self.writer.is_closing():
                await asyncio.sleep(self.idle_limit / 3)
                self.pong()
        if self.idle_limit:
            asyncio.ensure_future(keeping())

    def notify(self, data, code=None):
        self.write(NOTICE, (USER_DATA, data), *said(code))

    def disconnect(self, data, code=None):
        self.ended, self.first = True, not self.heard
        self.write(DISCONNECT, (USER_DATA, data), *said(code))
        self.fin_if_due()

    def fin_if_due(self):
        """The first speaker ends after the peer's last word, the answering side after its FIN."""
        if self.ended and (self.over or self.first and self.heard):
            self.fin()

    def fin(self):
        """asyncio's TLS cannot close one direction: there FIN closes both."""
        with contextlib.suppress(OSError):  # The peer may be gone.
            if self.writer.can_write_eof():
                self.writer.write_eof()
            else:
                self.writer.close()

    def complain(self, reason='', code=None):
        """RESET if the peer can read it and the last frame is not out (§7.7)."""
        if not self.speaks or self.ended and not reason:
            return self.reset()
        if not self.ended:
            self.ended = True
            self.write(RESET, (STATUS, b'\x27\x46'), (REASON, str(reason).encode()),  # 10054
                       *said(code))
        self.linger(1)

    def part(self, hearing, seconds):
        """Lingers when the task that hears the peer is done, or has taken too long (§10.2)."""
        async def parting():
            before, unsent = None, self.writer.transport.get_write_buffer_size
            while not hearing.done() and unsent() != before:
                before = unsent()
                await asyncio.wait({hearing}, timeout=seconds)
            late = not hearing.done()
            hearing.cancel()
            if not self.writer.is_closing():
                self.linger(1 if late else seconds)
        asyncio.ensure_future(parting())

    def linger(self, seconds=30):
        """Sends what is queued and FIN, drops what comes, then closes (§10.2)."""
        self.fin()
        asyncio.ensure_future(self.lingering(seconds))

    async def lingering(self, seconds):
        async def drop():
            while await self.more():
                self.ahead = b''
        dropping, before = asyncio.ensure_future(drop()), None
        unsent = self.writer.transport.get_write_buffer_size
        while not dropping.done() and unsent() != before:
            before = unsent()
            await asyncio.wait({dropping}, timeout=seconds)
        if not dropping.done() or dropping.exception():
            return self.reset()
        self.writer.close()

    def abort(self, code=None):
        return self.complain(code=code)

    def is_tcp(self):
        return self.writer.get_extra_info('socket').family in (socket.AF_INET, socket.AF_INET6)

    def reset(self):
        if self.is_tcp() and not self.writer.is_closing():
            linger = struct.pack('hh' if os.name == 'nt' else 'ii', 1, 0)
            self.writer.get_extra_info('socket').setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()
