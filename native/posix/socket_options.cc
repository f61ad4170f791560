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

int Set(const uv_handle_t* handle, int level, int name, int value) {
  return Set(handle, level, name, &value, sizeof value);
}

int SetServiceClass(const uv_handle_t* handle, int value) {
  // The upper six bits of the field; the lower two are the network's.
  const int field = value << 2;
  const int v6 = Set(handle, IPPROTO_IPV6, IPV6_TCLASS, field);
  const int v4 = Set(handle, IPPROTO_IP, IP_TOS, field);
  // An IPv6 socket may carry IPv4; an IPv4 one has no IPv6 option.
  return v4 == 0 ? 0 : v6;
}

}  // namespace

int SetOption(const uv_handle_t* handle, SocketOption option, uint32_t value) {
  const int number = static_cast<int>(value);
  switch (option) {
    case SocketOption::kServiceClass:
      return SetServiceClass(handle, number);
    case SocketOption::kKeepAliveCount:
      return Set(handle, IPPROTO_TCP, TCP_KEEPCNT, number);
    case SocketOption::kKeepAliveInterval:
      return Set(handle, IPPROTO_TCP, TCP_KEEPINTVL, number);
    case SocketOption::kUserTimeout:
#if defined(TCP_USER_TIMEOUT)
      return Set(handle, IPPROTO_TCP, TCP_USER_TIMEOUT, number);
#else
      return UV_ENOTSUP;
#endif
    case SocketOption::kPacingRate:
#if defined(SO_MAX_PACING_RATE)
      return Set(handle, SOL_SOCKET, SO_MAX_PACING_RATE, &value, sizeof value);
#else
      return UV_ENOTSUP;
#endif
  }
  return UV_ENOTSUP;
}

int ReusePort(const uv_handle_t* handle) {
#if defined(SO_REUSEPORT)
  return Set(handle, SOL_SOCKET, SO_REUSEPORT, 1);
#else
  return UV_ENOTSUP;
#endif
}

void ResetAtClose(const uv_handle_t* handle) {
  const linger none = {1, 0};
  Set(handle, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

}  // namespace goodbyte
