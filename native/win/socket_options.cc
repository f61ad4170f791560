#include "platform/socket_options.h"

#include <winsock2.h>
#include <ws2tcpip.h>

namespace goodbyte {

namespace {

int Set(const uv_handle_t* handle, int level, int name, const void* value,
        int length) {
  uv_os_fd_t descriptor;
  const int error = uv_fileno(handle, &descriptor);
  if (error != 0) return error;
  const SOCKET socket = reinterpret_cast<SOCKET>(descriptor);
  return setsockopt(socket, level, name, static_cast<const char*>(value),
                    length) == 0
             ? 0
             : uv_translate_sys_error(WSAGetLastError());
}

int Set(const uv_handle_t* handle, int level, int name, DWORD value) {
  return Set(handle, level, name, &value, sizeof value);
}

}  // namespace

int SetOption(const uv_handle_t* handle, SocketOption option, uint32_t value) {
  switch (option) {
    case SocketOption::kKeepAliveInterval:
#if defined(TCP_KEEPINTVL)
      return Set(handle, IPPROTO_TCP, TCP_KEEPINTVL, value);
#else
      return UV_ENOTSUP;
#endif
    case SocketOption::kKeepAliveCount:
#if defined(TCP_KEEPCNT)
      return Set(handle, IPPROTO_TCP, TCP_KEEPCNT, value);
#else
      return UV_ENOTSUP;
#endif
    case SocketOption::kUserTimeout:
#if defined(TCP_MAXRT)
      // In seconds here: no shorter time than was asked for.
      return Set(handle, IPPROTO_TCP, TCP_MAXRT, (value + 999) / 1000);
#else
      return UV_ENOTSUP;
#endif
    case SocketOption::kPacingRate:
    // Windows takes a service class from its policies alone.
    case SocketOption::kServiceClass:
      return UV_ENOTSUP;
  }
  return UV_ENOTSUP;
}

int ReusePort(const uv_handle_t*) { return UV_ENOTSUP; }

void ResetAtClose(const uv_handle_t* handle) {
  const linger none = {1, 0};
  Set(handle, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

}  // namespace goodbyte
