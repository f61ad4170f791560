"""A client of goodbyte for asyncio: caller data, last words and answers.

It stands on wire.py, the wire layer of the agent in Python: copy both files.
Python 3.9 and its standard library are all that is needed.
"""

import asyncio
import contextlib
import inspect
import os
import sys

# A wire.py beside this file comes first; in the repository it is the agent's.
sys.path.append(os.path.join(
    os.path.dirname(os.path.abspath(__file__)), '../../conformance/agents/python'))
import wire  # noqa: E402

ALPN = 'goodbyte/1'


class Refused(ConnectionRefusedError):
    """There is no connection. `code` is Winsock's name; `reject_data` the callee's reason,
    `reject_code` the number beside it, `may_repeat` whether it is safe to call again.
    """

    def __init__(self, code, reject_data, fields=None):
        told = f': {reject_data!r}' if reject_data else ''
        super().__init__(f'the connect failed with {code}{told}')
        self.code, self.reject_data = code, reject_data
        self.reject_code, self.may_repeat = wire.code_of(fields or {}), wire.repeat_of(fields or {})


class Lost(ConnectionResetError):
    """The connection ended without the peer's last word: a reset, a crash or a cut.

    `reset_code` is the number with which the peer has reset it, if it gave one.
    """

    def __init__(self, why, reset_code=None):
        super().__init__(f'the connection was lost: {why}')
        self.reset_code = reset_code


async def connect(host=None, port=None, *, path=None, ssl=None, caller_data=b'', answer=None,
                  notice=None, message=False, timeout=75, linger=30):
    """Connects, and returns a Connection once the callee has accepted.

    `path` names a Unix socket. `ssl` is an ssl.SSLContext, which here gets the ALPN name.
    `answer` takes the peer's last word and returns ours, both bytes; it may be a coroutine
    function. `notice` takes the data and the code of a peer that will end soon. With `message` each write is a message. `timeout` and `linger` are seconds.
    Raises Refused, asyncio.TimeoutError, or the OSError of the system's connect.
    """
    if ssl:
        ssl.set_alpn_protocols([ALPN])
    return await asyncio.wait_for(
        _connect(host, port, path, ssl, caller_data, answer, notice, message, linger), timeout)


async def _connect(host, port, path, ssl, caller_data, answer, notice, message, linger):
    streams = await (asyncio.open_unix_connection(path, ssl=ssl, server_hostname=ssl and host)
                     if path else asyncio.open_connection(host, port, ssl=ssl))
    framed = wire.Connection(*streams, wire.CALLER, message)
    try:
        callee_data = await framed.call(caller_data)
    except wire.Refused as refused:
        with contextlib.suppress(OSError):
            await framed.writer.wait_closed()
        raise Refused(*refused.args) from refused
    except BaseException:
        framed.reset()
        raise
    return Connection(framed, callee_data, answer, notice, linger)


class Connection:
    """Iterate to read: octets as they come, or messages, until the peer's last word."""

    def __init__(self, framed, callee_data, answer, notice, linger):
        self.callee_data, self.answer, self.notice = callee_data, answer, notice
        self.last_word, self.last_code = None, None
        self._framed, self._linger = framed, linger
        self._pieces, self._drops, self._failure = [], False, None
        self._news, self._room = asyncio.Event(), asyncio.Event()
        self._hearing = asyncio.ensure_future(self._hear())

    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, *_):
        if kind:
            self.abort()
        else:
            await self.close()

    def __aiter__(self):
        return self

    async def __anext__(self):
        while not self._pieces:
            if self._hearing.done():
                self._raise_failure()
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        self._room.set()
        return self._pieces.pop(0)

    async def write(self, octets):
        """Sends octets, or a message; waits while the peer is slow. Raises Lost."""
        self._raise_failure()
        if self._framed.ended:
            raise BrokenPipeError('the last word has been said')
        if self._framed.message and len(octets) > self._framed.takes_message:
            raise ValueError(f'the peer takes {self._framed.takes_message} octets at most')
        self._framed.send(octets)
        with contextlib.suppress(ConnectionError):  # Reading reports it.
            await self._framed.writer.drain()

    async def disconnect(self, last_word=b'', code=None, drop=True):
        """Says our last word, with a number beside it, and returns the peer's. Raises Lost.

        The number beside the peer's is `last_code`. Data that has not been read is dropped; with `drop=False` it is kept for another task,
        which has to read it.
        """
        if len(last_word) > self._framed.takes_last:
            raise ValueError(f'the peer takes {self._framed.takes_last} octets at most')
        if not self._framed.ended:
            self._framed.disconnect(last_word, code)
        self._drops = self._drops or drop
        self._room.set()
        await asyncio.wait({self._hearing})
        self._raise_failure()
        return self.last_word

    async def close(self):
        """Says a last word if none was said, and waits until the connection is gone."""
        with contextlib.suppress(Lost, asyncio.TimeoutError):
            await asyncio.wait_for(self.disconnect(), self._linger)
        self._framed.part(self._hearing, self._linger)
        with contextlib.suppress(OSError):
            await self._framed.writer.wait_closed()

    def abort(self, code=None):
        """Resets the connection: the peer sees a failure, never a goodbye."""
        self._framed.abort(code)

    async def _hear(self):
        try:
            fields = await self._framed.receive(self._deliver, self._notified)
            self.last_word, self.last_code = fields.get(wire.USER_DATA, b''), wire.code_of(fields)
            if not self._framed.ended:
                await self._reply()
            # Nothing but FIN may follow.
            await self._framed.receive(self._deliver, self._notified)
        except wire.Lost as lost:
            fields = lost.args[0] if lost.args else {}
            self._failure = Lost(lost.__cause__ or 'reset', wire.code_of(fields))
        except BaseException as error:
            self._failure = error
            self.abort()
        finally:
            self._news.set()

    async def _reply(self):
        reply = self.answer(self.last_word) if self.answer else b''
        if inspect.isawaitable(reply):
            reply = await reply
        if not self._framed.ended:
            self._framed.disconnect(reply or b'')

    async def _deliver(self, octets):
        self._pieces.append(octets)
        self._news.set()
        while not self._drops and sum(map(len, self._pieces)) > wire.HELD:
            self._room.clear()
            await self._room.wait()
        if self._drops:
            self._pieces.clear()

    def _notified(self, fields):
        if self.notice:
            self.notice(fields.get(wire.USER_DATA, b''), wire.code_of(fields))

    def _raise_failure(self):
        if self._failure:
            raise self._failure
