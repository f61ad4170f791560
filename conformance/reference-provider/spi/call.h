// Shared by all entries: from a handle of the host's to the socket, and from a
// number to the result.
#ifndef GOODBYTE_REFERENCE_PROVIDER_SPI_CALL_H_
#define GOODBYTE_REFERENCE_PROVIDER_SPI_CALL_H_

#include "spi/socket.h"
#include "spi/upcalls.h"

namespace goodbyte::provider {

// A call on a socket: holds the lock, and the socket, while it lasts.
class SocketCall {
 public:
  explicit SocketCall(SOCKET handle)
      : context_(ContextOf(handle)), socket_(Socket::Find(context_)) {}

  // 0, or the error of the call.
  int status() const {
    if (!started()) return WSANOTINITIALISED;
    return socket_ ? 0 : WSAENOTSOCK;
  }
  Locked* locked() { return &locked_; }
  Socket* operator->() const { return socket_.get(); }

 private:
  DWORD_PTR ContextOf(SOCKET handle) {
    const auto query = upcalls().lpWPUQuerySocketHandleContext;
    if (query == nullptr) return 0;
    // The host has locks of its own.
    Unlocked unlocked;
    DWORD_PTR context = 0;
    int ignored = 0;
    return query(handle, &context, &ignored) == 0 ? context : 0;
  }

  // In this order: the socket is released under the lock.
  Locked locked_;
  DWORD_PTR context_;
  Ref<Socket> socket_;
};

inline int Result(int status, LPINT error) {
  if (status == 0) return 0;
  if (error != nullptr) *error = status;
  return SOCKET_ERROR;
}

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SPI_CALL_H_
