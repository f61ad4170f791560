#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // accept4
#endif

#include "platform/stream.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#if defined(__linux__)
#include <linux/sockios.h>
#endif

#include <cerrno>

namespace goodbyte {

namespace {

int DescriptorOf(const uv_stream_t* stream, uv_os_fd_t* descriptor) {
  return uv_fileno(reinterpret_cast<const uv_handle_t*>(stream), descriptor);
}

// Not to be inherited by child processes.
int AcceptClosedOnExec(int listener, sockaddr* peer, socklen_t* length) {
#if defined(__linux__)
  return accept4(listener, peer, length, SOCK_CLOEXEC | SOCK_NONBLOCK);
#else
  const int accepted = accept(listener, peer, length);
  if (accepted >= 0) fcntl(accepted, F_SETFD, FD_CLOEXEC);
  return accepted;
#endif
}

}  // namespace

#if defined(__linux__)
const bool kAcceptedInheritsNoDelay = true;
#else
const bool kAcceptedInheritsNoDelay = false;
#endif

int AcceptNext(const uv_stream_t* listener, uv_os_sock_t* accepted,
               sockaddr_storage* peer) {
  uv_os_fd_t descriptor;
  const int error = DescriptorOf(listener, &descriptor);
  if (error != 0) return error;
  socklen_t length = sizeof *peer;
  do {
    *accepted = AcceptClosedOnExec(
        descriptor, reinterpret_cast<sockaddr*>(peer), &length);
  } while (*accepted < 0 && errno == EINTR);
  return *accepted < 0 ? uv_translate_sys_error(errno) : 0;
}

void CloseSocket(uv_os_sock_t accepted) { close(accepted); }

ssize_t WriteBeforeFin(const uv_stream_t* stream, const uint8_t* octets,
                       size_t length) {
#if defined(__linux__)
  uv_os_fd_t descriptor;
  const int error = DescriptorOf(stream, &descriptor);
  if (error != 0) return error;
  ssize_t taken;
  do {
    taken = send(descriptor, octets, length,
                 MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (taken < 0 && errno == EINTR);
  return taken < 0 ? uv_translate_sys_error(errno) : taken;
#else
  return UV_ENOSYS;
#endif
}

int ShutdownNow(const uv_stream_t* stream) {
  uv_os_fd_t descriptor;
  const int error = DescriptorOf(stream, &descriptor);
  if (error != 0) return error;
  return shutdown(descriptor, SHUT_WR) == 0 ? 0 : uv_translate_sys_error(errno);
}

const size_t kMostPathOctets = sizeof(sockaddr_un{}.sun_path);

const bool kReadsNow = true;

ssize_t ReadNow(const uv_stream_t* stream, uint8_t* room, size_t length) {
  uv_os_fd_t descriptor;
  const int error = DescriptorOf(stream, &descriptor);
  if (error != 0) return error;
  ssize_t read;
  do {
    read = recv(descriptor, room, length, MSG_DONTWAIT);
  } while (read < 0 && errno == EINTR);
  return read < 0 ? uv_translate_sys_error(errno) : read;
}

const size_t kMostInWrite = SIZE_MAX;

int CountOutstanding(const uv_stream_t* stream) {
  uv_os_fd_t descriptor;
  const int error = DescriptorOf(stream, &descriptor);
  return error != 0 ? error : CountOutstanding(descriptor);
}

int CountOutstanding(int descriptor) {
  int octets = 0;
#if defined(SIOCOUTQ)
  if (ioctl(descriptor, SIOCOUTQ, &octets) == 0) return octets;
#elif defined(SO_NWRITE)
  socklen_t length = sizeof octets;
  if (getsockopt(descriptor, SOL_SOCKET, SO_NWRITE, &octets, &length) == 0) {
    return octets;
  }
#else
  return UV_ENOTSUP;
#endif
  return uv_translate_sys_error(errno);
}

bool IsInOrder(int descriptor) {
#if defined(__linux__)
  tcp_info info;
  socklen_t length = sizeof info;
  return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &length) == 0 &&
         info.tcpi_state == TCP_CLOSE_WAIT;
#else
  return false;
#endif
}

}  // namespace goodbyte
