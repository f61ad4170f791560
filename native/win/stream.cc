#include "platform/stream.h"

namespace goodbyte {

const bool kAcceptedInheritsNoDelay = false;

// libuv keeps several accepts under way here.
int AcceptNext(const uv_stream_t*, uv_os_sock_t*, sockaddr_storage*) {
  return UV_EAGAIN;
}

void CloseSocket(uv_os_sock_t accepted) { closesocket(accepted); }

ssize_t WriteBeforeFin(const uv_stream_t*, const uint8_t*, size_t) {
  return UV_ENOSYS;
}

int ShutdownNow(const uv_stream_t*) { return UV_ENOSYS; }

}  // namespace goodbyte
