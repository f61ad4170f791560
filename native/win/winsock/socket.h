// A socket of a service provider, behind a JavaScript id.
//
// Owner: JavaScript by its id, from Create until Close; else the host, which
// deletes the rest at the environment's end. All of it runs on the
// environment's thread, except OnSignalled, which only passes on a signal.
#ifndef GOODBYTE_WIN_WINSOCK_SOCKET_H_
#define GOODBYTE_WIN_WINSOCK_SOCKET_H_

#include <winsock2.h>

#include <cstddef>
#include <cstdint>

#include "engine/memory.h"
#include "engine/octets.h"
#include "win/winsock/host.h"
#include "win/winsock/provider.h"
#include "win/winsock/room.h"

namespace goodbyte::winsock {

class Socket : public Allocated {
 public:
  // Takes over `handle`, and reports the network events in `mask`. nullptr: see
  // `error`; `handle` is closed.
  static Socket* Create(Host* host, Provider* provider, SOCKET handle,
                        long mask, int* error);
  ~Socket();
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int32_t id() const { return id_; }
  SOCKET handle() const { return handle_; }
  Provider* provider() const { return provider_; }
  const WSPPROC_TABLE& calls() const { return provider_->calls(); }

  // Sets the network events to report from now on; 0 or an error.
  int Select(long mask);
  // Takes the present events; false: none has occurred.
  bool FindEvents(NetworkEvents* found);

  // Starts to connect: WSAEWOULDBLOCK when it is under way. The caller's data
  // is needed only during the call; the buffers that the provider fills by
  // FD_CONNECT are kept here until then.
  int Connect(const sockaddr* name, int length, WSABUF* caller_data,
              size_t callee_capacity, const QOS* sqos);
  // The callee's answer, once FD_CONNECT was indicated.
  const Room& callee_data() const { return callee_data_; }
  bool connected() const { return connected_; }
  // The quality of service as it came back; nullptr if none was requested.
  const QOS* sqos() const { return has_sqos_ ? &sqos_ : nullptr; }

 private:
  friend class Host;

  Socket(Host* host, Provider* provider, SOCKET handle)
      : host_(host), provider_(provider), handle_(handle) {}

  static void CALLBACK OnSignalled(PTP_CALLBACK_INSTANCE instance, void* self,
                                   PTP_WAIT wait, TP_WAIT_RESULT result);
  int Watch(long mask);

  Host* const host_;
  Provider* const provider_;
  const SOCKET handle_;
  int32_t id_ = -1;

  // The provider signals it; a thread of the system's pool waits for it.
  WSAEVENT event_ = WSA_INVALID_EVENT;
  PTP_WAIT wait_ = nullptr;
  // The host's chain of signalled sockets, guarded by its lock.
  Socket* next_signalled_ = nullptr;

  // lpCalleeData and lpSQOS of a connect: the provider has their addresses
  // until FD_CONNECT, or until the socket is closed.
  Room callee_data_;
  QOS sqos_ = {};
  Octets provider_specific_;
  bool has_sqos_ = false;
  bool connected_ = false;
};

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_SOCKET_H_
