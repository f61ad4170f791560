// Options of a socket that libuv has no function for. Implemented by
// native/posix and native/win, each as far as its systems allow.
#ifndef GOODBYTE_PLATFORM_SOCKET_OPTIONS_H_
#define GOODBYTE_PLATFORM_SOCKET_OPTIONS_H_

#include <uv.h>

#include <cstdint>

namespace goodbyte {

// The numbers are shared with src/native.ts.
enum class SocketOption : uint8_t {
  // Milliseconds that sent octets may stay unacknowledged (RFC 5482).
  kUserTimeout = 0,
  // Seconds before the first keepalive probe, between two, and how many.
  kKeepAliveIdle = 1,
  kKeepAliveInterval = 2,
  kKeepAliveCount = 3,
  // Most octets a second that the system sends; UINT32_MAX: no limit.
  kPacingRate = 4,
  // The differentiated services code point (RFC 2474), 0 to 63.
  kServiceClass = 5,
};

// Each returns 0, or libuv's number for an error: UV_ENOTSUP if the system has
// no such option.
int SetOption(const uv_handle_t* handle, SocketOption option, uint32_t value);
int GetOption(const uv_handle_t* handle, SocketOption option, uint32_t* value);
// Several sockets may listen at the same port, and share its connections.
// Before the bind.
int ReusePort(const uv_handle_t* handle);

// Makes the following close a reset for the peer.
void ResetAtClose(const uv_handle_t* handle);

}  // namespace goodbyte

#endif  // GOODBYTE_PLATFORM_SOCKET_OPTIONS_H_
