// System calls that are faster than libuv's way, implemented by native/posix and
// native/win; where there is nothing to gain, libuv's own way stays.
#ifndef GOODBYTE_PLATFORM_STREAM_H_
#define GOODBYTE_PLATFORM_STREAM_H_

#include <uv.h>

#include <cstddef>
#include <cstdint>

namespace goodbyte {

// One more connection from a listener's queue: libuv takes a single one in each
// turn of the loop, and a burst would take as many turns. 0, or libuv's number
// for an error: UV_EAGAIN if the system has none, or cannot say.
int AcceptNext(const uv_stream_t* listener, uv_os_sock_t* accepted,
               sockaddr_storage* peer);

void CloseSocket(uv_os_sock_t accepted);

// Writes like uv_try_write, and has the system wait for the FIN that is about
// to follow, so that both travel in one segment. Octets that were taken, or
// libuv's number for an error: UV_ENOSYS if there is no such way.
ssize_t WriteBeforeFin(const uv_stream_t* stream, const uint8_t* octets,
                       size_t length);

// The FIN of a stream on which nothing waits to be written, at once. 0, or
// libuv's number for an error: UV_ENOSYS where only libuv can do it.
int ShutdownNow(const uv_stream_t* stream);

// Octets that the name of a Unix socket or a named pipe may have.
extern const size_t kMostPathOctets;

// Reads past libuv what the system has of a peer that is gone. Octets; 0 if all
// is read and it ended by a FIN; or libuv's number for an error: UV_ECONNRESET
// if it was reset, UV_EAGAIN if the peer is not gone, UV_ENOSYS if there is no
// such way.
ssize_t ReadNow(const uv_stream_t* stream, uint8_t* room, size_t length);
extern const bool kReadsNow;

// Octets of a write at most, where libuv tells of none that it has left before
// all of it has: a peer that takes it slowly is to be seen.
extern const size_t kMostInWrite;

// Octets of what was written to a stream that the system still has, because the
// peer's side has not taken them: not acknowledged over TCP, where FIN counts as
// one, and not read over a Unix socket. Or libuv's number for an error:
// UV_ENOTSUP where the system does not tell.
int CountOutstanding(const uv_stream_t* stream);
// The same of somebody else's descriptor.
int CountOutstanding(int descriptor);

// Somebody else's TCP socket has the peer's FIN, and no reset behind it. False
// too where the system does not tell.
bool IsInOrder(int descriptor);

// A connection has the TCP_NODELAY of the listener that it came in at.
extern const bool kAcceptedInheritsNoDelay;

}  // namespace goodbyte

#endif  // GOODBYTE_PLATFORM_STREAM_H_
