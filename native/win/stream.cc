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

// CreateNamedPipe's, without the NUL; more in UTF-8 is libuv's to refuse.
const size_t kMostPathOctets = 4 * 256;

const bool kReadsNow = false;

// libuv's reads are under way in the system here, and report a reset as one.
ssize_t ReadNow(const uv_stream_t*, uint8_t*, size_t) { return UV_ENOSYS; }

const size_t kMostInWrite = 64 * 1024;

// Here libuv calls back for a write when the system has let go of its octets.
int CountOutstanding(const uv_stream_t*) { return UV_ENOTSUP; }

int CountOutstanding(int) { return UV_ENOTSUP; }

bool IsInOrder(int) { return false; }

}  // namespace goodbyte
