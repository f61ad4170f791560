// System calls that are faster than libuv's way, implemented by native/posix
// and native/win; where they gain nothing, libuv's way is used.
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

// Writes like uv_try_write, and makes the system wait for the FIN that follows,
// so that both travel in one segment. Returns the octets taken, or libuv's
// number for an error: UV_ENOSYS if not available.
ssize_t WriteBeforeFin(const uv_stream_t* stream, const uint8_t* octets,
                       size_t length);

// The FIN of a stream on which nothing waits to be written, at once. 0, or
// libuv's number for an error: UV_ENOSYS where only libuv can do it.
int ShutdownNow(const uv_stream_t* stream);

// Octets that the name of a Unix socket or a named pipe may have.
extern const size_t kMostPathOctets;

// Reads, bypassing libuv, the system's remaining octets of a peer that is gone.
// Returns octets; 0 if everything is read and it ended by a FIN; or libuv's
// number for an error: UV_ECONNRESET if it was reset, UV_EAGAIN if the peer is
// not gone, UV_ENOSYS if not available.
ssize_t ReadNow(const uv_stream_t* stream, uint8_t* room, size_t length);
extern const bool kReadsNow;

// Most octets of a write, if libuv reports a write only when all of it has
// left: a slow peer's progress has to be visible.
extern const size_t kMostInWrite;

// Written octets that the system still has, because the peer's side has not
// taken them: not acknowledged over TCP, where FIN counts as one, and not read
// over a Unix socket. Or libuv's number for an error: UV_ENOTSUP if the system
// does not report them.
int CountOutstanding(const uv_stream_t* stream);
// The same for another owner's descriptor.
int CountOutstanding(int descriptor);

// Whether another owner's TCP socket has the peer's FIN, and no reset after it.
// Also false if the system does not report it.
bool IsInOrder(int descriptor);

// A connection inherits its listener's TCP_NODELAY.
extern const bool kAcceptedInheritsNoDelay;

}  // namespace goodbyte

#endif  // GOODBYTE_PLATFORM_STREAM_H_
