// One WSAAccept: its condition function asks JavaScript, on this thread and
// within the call.
#ifndef GOODBYTE_WIN_WINSOCK_OFFER_H_
#define GOODBYTE_WIN_WINSOCK_OFFER_H_

#include <napi.h>
#include <winsock2.h>

#include <cstdint>

#include "win/winsock/socket.h"

namespace goodbyte::winsock {

class Offer {
 public:
  // `decide` is described in src/native.ts.
  Offer(Socket* listener, Napi::Function decide)
      : listener_(listener), decide_(decide) {}
  Offer(const Offer&) = delete;
  Offer& operator=(const Offer&) = delete;

  // The accepted socket; INVALID_SOCKET: see `error`. An exception of `decide`
  // is then rethrown, and the request stays; if the provider accepts anyway,
  // its socket is closed.
  SOCKET Make(int* error);

 private:
  static int CALLBACK Condition(LPWSABUF caller_id, LPWSABUF caller_data,
                                LPQOS sqos, LPQOS gqos, LPWSABUF callee_id,
                                LPWSABUF callee_data, GROUP* group,
                                DWORD_PTR self);
  int Ask(const WSABUF* caller_id, const WSABUF* caller_data, QOS* sqos,
          const WSABUF* callee_id, WSABUF* callee_data, int32_t seen);
  // Takes a pending exception, to be thrown after WSAAccept.
  bool TookException();
  // The pointers that the provider gave, as bits.
  static int32_t Seen(const WSABUF* caller_data, const WSABUF* callee_data);

  Socket* const listener_;
  const Napi::Function decide_;
  const DWORD thread_ = GetCurrentThreadId();
  bool strayed_ = false;
  napi_value thrown_ = nullptr;
};

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_OFFER_H_
