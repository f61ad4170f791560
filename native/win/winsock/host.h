// Winsock in one environment: its sockets, its providers, and the one call into
// JavaScript in a turn of the loop that reports the sockets' events.
//
// Owner: the environment. The cleanup hook closes all sockets, and deletes the
// host when libuv is done with its handle; from its first step on nothing calls
// into JavaScript. All of it runs on the environment's thread but for Signal.
#ifndef GOODBYTE_WIN_WINSOCK_HOST_H_
#define GOODBYTE_WIN_WINSOCK_HOST_H_

#include <napi.h>
#include <uv.h>
#include <winsock2.h>

#include <cstddef>
#include <cstdint>

#include "callback.h"
#include "engine/memory.h"

namespace goodbyte::winsock {

class Provider;
class Socket;

// The result of WSAEnumNetworkEvents; src/native.ts knows its layout.
struct NetworkEvents {
  int32_t id;
  int32_t events;
  // By FD_READ_BIT, …, FD_CLOSE_BIT.
  int32_t errors[6];
};

class Host : public Allocated {
 public:
  // nullptr: Winsock is not available, for the reason in `error`.
  static Host* Create(napi_env env, int* error);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // JavaScript keeps `events` alive. `tell` is called with the number to read.
  void Start(NetworkEvents* events, size_t capacity, Napi::Function tell);

  // Takes over a provider; returns its number, or -1: out of memory.
  int32_t Add(Provider* provider);
  // nullptr if nothing has the number.
  Provider* provider(int32_t number) const;

  // A socket takes a place here as it is made, and leaves it as it ends. An id
  // is reused only when all of its reports have been received.
  int32_t Enter(Socket* socket);
  void Leave(int32_t id);
  Socket* socket(int32_t id) const;
  size_t open() const { return open_; }

  // Something has happened at a socket. On any thread.
  void Signal(Socket* socket);
  // It ends, and reports nothing more.
  void Unsignal(Socket* socket);

  // Whether sockets keep the process alive.
  void Ref() { uv_ref(reinterpret_cast<uv_handle_t*>(&async_)); }
  void Unref() { uv_unref(reinterpret_cast<uv_handle_t*>(&async_)); }

 private:
  explicit Host(napi_env env) : tell_(env) {}
  ~Host() = default;

  static void OnCleanup(napi_async_cleanup_hook_handle hook, void* self);
  void OnAsync();
  Socket* TakeSignalled();

  napi_async_cleanup_hook_handle hook_ = nullptr;
  Callback tell_;
  uv_async_t async_ = {};

  NetworkEvents* events_ = nullptr;
  size_t event_capacity_ = 0;

  Provider** providers_ = nullptr;
  int32_t provider_count_ = 0;

  Socket** sockets_ = nullptr;
  // Free ids: first those that may be reused, then those that left in this
  // turn. It has the capacity of sockets_.
  int32_t* free_ids_ = nullptr;
  size_t free_count_ = 0;
  size_t left_count_ = 0;
  size_t capacity_ = 0;
  size_t open_ = 0;

  // Guards the chain of sockets that have signalled, oldest first.
  SRWLOCK lock_ = SRWLOCK_INIT;
  Socket* first_ = nullptr;
  Socket* last_ = nullptr;
};

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_HOST_H_
