#include "platform/socket_options.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace goodbyte {

namespace {

int Set(const uv_handle_t* handle, int level, int name, const void* value,
        socklen_t length) {
  uv_os_fd_t descriptor;
  const int error = uv_fileno(handle, &descriptor);
  if (error != 0) return error;
  return setsockopt(descriptor, level, name, value, length) == 0
             ? 0
             : uv_translate_sys_error(errno);
}

int Get(const uv_handle_t* handle, int level, int name, void* value,
        socklen_t length) {
  uv_os_fd_t descriptor;
  const int error = uv_fileno(handle, &descriptor);
  if (error != 0) return error;
  return getsockopt(descriptor, level, name, value, &length) == 0
             ? 0
             : uv_translate_sys_error(errno);
}

// An option that is one number. No option has name 0.
struct Place {
  int level;
  int name;
};

constexpr Place kNowhere = {0, 0};

Place PlaceOf(SocketOption option) {
  switch (option) {
    case SocketOption::kKeepAliveIdle:
#if defined(TCP_KEEPIDLE)
      return {IPPROTO_TCP, TCP_KEEPIDLE};
#elif defined(TCP_KEEPALIVE)
      return {IPPROTO_TCP, TCP_KEEPALIVE};
#else
      return kNowhere;
#endif
    case SocketOption::kKeepAliveInterval:
      return {IPPROTO_TCP, TCP_KEEPINTVL};
    case SocketOption::kKeepAliveCount:
      return {IPPROTO_TCP, TCP_KEEPCNT};
    case SocketOption::kUserTimeout:
#if defined(TCP_USER_TIMEOUT)
      return {IPPROTO_TCP, TCP_USER_TIMEOUT};
#else
      return kNowhere;
#endif
    case SocketOption::kPacingRate:
#if defined(SO_MAX_PACING_RATE)
      return {SOL_SOCKET, SO_MAX_PACING_RATE};
#else
      return kNowhere;
#endif
    case SocketOption::kServiceClass:
      return {IPPROTO_IP, IP_TOS};
  }
  return kNowhere;
}

// The code point is the upper six bits of its field; the lower two are the
// network's.
constexpr int kServiceClassShift = 2;

int SetServiceClass(const uv_handle_t* handle, uint32_t value) {
  const int field = static_cast<int>(value << kServiceClassShift);
  const int v6 = Set(handle, IPPROTO_IPV6, IPV6_TCLASS, &field, sizeof field);
  const int v4 = Set(handle, IPPROTO_IP, IP_TOS, &field, sizeof field);
  // An IPv6 socket may carry IPv4; an IPv4 one has no IPv6 option.
  return v4 == 0 ? 0 : v6;
}

}  // namespace

int SetOption(const uv_handle_t* handle, SocketOption option, uint32_t value) {
  if (option == SocketOption::kServiceClass) {
    return SetServiceClass(handle, value);
  }
  const Place place = PlaceOf(option);
  if (place.name == 0) return UV_ENOTSUP;
  return Set(handle, place.level, place.name, &value, sizeof value);
}

int GetOption(const uv_handle_t* handle, SocketOption option, uint32_t* value) {
  const Place place = PlaceOf(option);
  if (place.name == 0) return UV_ENOTSUP;
  const int error = Get(handle, place.level, place.name, value, sizeof *value);
  if (option == SocketOption::kServiceClass) *value >>= kServiceClassShift;
  return error;
}

int ReusePort(const uv_handle_t* handle) {
#if defined(SO_REUSEPORT)
  const int on = 1;
  return Set(handle, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
#else
  return UV_ENOTSUP;
#endif
}

void ResetAtClose(const uv_handle_t* handle) {
  const linger none = {1, 0};
  Set(handle, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

}  // namespace goodbyte
