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

int Get(const uv_handle_t* handle, int level, int name, void* value,
        int length) {
  uv_os_fd_t descriptor;
  const int error = uv_fileno(handle, &descriptor);
  if (error != 0) return error;
  const SOCKET socket = reinterpret_cast<SOCKET>(descriptor);
  return getsockopt(socket, level, name, static_cast<char*>(value), &length) ==
                 0
             ? 0
             : uv_translate_sys_error(WSAGetLastError());
}

// Options of ws2ipdef.h and mstcpip.h that older headers lack. An older system
// refuses them.
constexpr int kTcpKeepAlive = 3;
constexpr int kTcpMaxRtMs = 14;
constexpr int kTcpKeepCount = 16;
constexpr int kTcpKeepInterval = 17;

// All of them at IPPROTO_TCP; 0: Windows has none. It does not pace, and takes
// a service class only from its policies.
int NameOf(SocketOption option) {
  switch (option) {
    case SocketOption::kUserTimeout:
      return kTcpMaxRtMs;
    case SocketOption::kKeepAliveIdle:
      return kTcpKeepAlive;
    case SocketOption::kKeepAliveInterval:
      return kTcpKeepInterval;
    case SocketOption::kKeepAliveCount:
      return kTcpKeepCount;
    case SocketOption::kPacingRate:
    case SocketOption::kServiceClass:
      return 0;
  }
  return 0;
}

}  // namespace

int SetOption(const uv_handle_t* handle, SocketOption option, uint32_t value) {
  const int name = NameOf(option);
  return name == 0 ? UV_ENOTSUP
                   : Set(handle, IPPROTO_TCP, name, &value, sizeof value);
}

int GetOption(const uv_handle_t* handle, SocketOption option, uint32_t* value) {
  const int name = NameOf(option);
  return name == 0 ? UV_ENOTSUP
                   : Get(handle, IPPROTO_TCP, name, value, sizeof *value);
}

int ReusePort(const uv_handle_t*) { return UV_ENOTSUP; }

void ResetAtClose(const uv_handle_t* handle) {
  const linger none = {1, 0};
  Set(handle, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

}  // namespace goodbyte
