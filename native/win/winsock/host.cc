#include "win/winsock/host.h"

#include "win/winsock/provider.h"
#include "win/winsock/socket.h"

namespace goodbyte::winsock {

// -- birth and death ----------------------------------------------------------

Host* Host::Create(napi_env env, int* error) {
  WSADATA data;
  *error = WSAStartup(MAKEWORD(2, 2), &data);
  if (*error != 0) return nullptr;
  *error = WSAENOBUFS;
  uv_loop_t* loop = nullptr;
  Host* host = new Host(env);
  if (host == nullptr ||
      napi_get_uv_event_loop(env, &loop) != napi_ok ||
      uv_async_init(loop, &host->async_, [](uv_async_t* async) {
        static_cast<Host*>(async->data)->OnAsync();
      }) != 0) {
    delete host;
    WSACleanup();
    return nullptr;
  }
  host->async_.data = host;
  host->Unref();
  if (napi_add_async_cleanup_hook(env, OnCleanup, host, &host->hook_) !=
      napi_ok) {
    // The environment is ending, and this ends with the loop.
    OnCleanup(nullptr, host);
    return nullptr;
  }
  *error = 0;
  return host;
}

void Host::Start(NetworkEvents* events, size_t capacity, Napi::Function tell) {
  events_ = events;
  event_capacity_ = capacity;
  tell_.Set("GOODBYTEWINSOCK", tell);
}

// From the environment's teardown, on its thread, while its loop still runs.
void Host::OnCleanup(napi_async_cleanup_hook_handle, void* self) {
  Host* host = static_cast<Host*>(self);
  host->tell_.Forget();
  for (size_t id = 0; id < host->capacity_; id++) delete host->sockets_[id];
  for (int32_t at = 0; at < host->provider_count_; at++) {
    delete host->providers_[at];
  }
  // No thread signals from now on: each socket has waited for its own.
  uv_close(reinterpret_cast<uv_handle_t*>(&host->async_),
           [](uv_handle_t* handle) {
             Host* closed = static_cast<Host*>(handle->data);
             const napi_async_cleanup_hook_handle hook = closed->hook_;
             std::free(closed->providers_);
             std::free(closed->sockets_);
             std::free(closed->free_ids_);
             delete closed;
             WSACleanup();
             if (hook != nullptr) napi_remove_async_cleanup_hook(hook);
           });
}

// -- providers and sockets ----------------------------------------------------

int32_t Host::Add(Provider* provider) {
  void* moved =
      Reallocate(providers_, (provider_count_ + 1) * sizeof(Provider*));
  if (moved == nullptr) {
    delete provider;
    return -1;
  }
  providers_ = static_cast<Provider**>(moved);
  providers_[provider_count_] = provider;
  return provider_count_++;
}

Provider* Host::provider(int32_t number) const {
  return number >= 0 && number < provider_count_ ? providers_[number] : nullptr;
}

int32_t Host::Enter(Socket* socket) {
  if (free_count_ == 0) {
    const size_t grown = capacity_ == 0 ? 64 : 2 * capacity_;
    void* sockets = Reallocate(sockets_, grown * sizeof(Socket*));
    if (sockets == nullptr) return -1;
    sockets_ = static_cast<Socket**>(sockets);
    void* free_ids = Reallocate(free_ids_, grown * sizeof(int32_t));
    if (free_ids == nullptr) return -1;
    free_ids_ = static_cast<int32_t*>(free_ids);
    // After the new ones.
    for (size_t at = 0; at < left_count_; at++) {
      free_ids_[grown - capacity_ + at] = free_ids_[at];
    }
    for (size_t id = capacity_; id < grown; id++) {
      sockets_[id] = nullptr;
      free_ids_[free_count_++] = static_cast<int32_t>(id);
    }
    capacity_ = grown;
  }
  const int32_t id = free_ids_[--free_count_];
  if (left_count_ > 0) free_ids_[free_count_] = free_ids_[free_count_ + left_count_];
  sockets_[id] = socket;
  open_++;
  return id;
}

void Host::Leave(int32_t id) {
  sockets_[id] = nullptr;
  free_ids_[free_count_ + left_count_++] = id;
  open_--;
}

Socket* Host::socket(int32_t id) const {
  return id >= 0 && static_cast<size_t>(id) < capacity_ ? sockets_[id]
                                                        : nullptr;
}

// -- reporting ----------------------------------------------------------------

void Host::Signal(Socket* socket) {
  AcquireSRWLockExclusive(&lock_);
  socket->next_signalled_ = nullptr;
  if (first_ == nullptr) {
    first_ = socket;
  } else {
    last_->next_signalled_ = socket;
  }
  last_ = socket;
  ReleaseSRWLockExclusive(&lock_);
  uv_async_send(&async_);
}

Socket* Host::TakeSignalled() {
  AcquireSRWLockExclusive(&lock_);
  Socket* taken = first_;
  if (taken != nullptr) first_ = taken->next_signalled_;
  ReleaseSRWLockExclusive(&lock_);
  return taken;
}

void Host::Unsignal(Socket* socket) {
  AcquireSRWLockExclusive(&lock_);
  Socket* before = nullptr;
  for (Socket* at = first_; at != nullptr; at = at->next_signalled_) {
    if (at == socket) {
      (before == nullptr ? first_ : before->next_signalled_) =
          at->next_signalled_;
      if (last_ == at) last_ = before;
      break;
    }
    before = at;
  }
  ReleaseSRWLockExclusive(&lock_);
}

// The one call into JavaScript of this turn.
void Host::OnAsync() {
  if (tell_.empty()) return;
  size_t count = 0;
  while (count < event_capacity_) {
    Socket* signalled = TakeSignalled();
    if (signalled == nullptr) break;
    if (signalled->FindEvents(&events_[count])) count++;
  }
  // Events without room are delivered in the next turn.
  if (count == event_capacity_) uv_async_send(&async_);
  if (count > 0) tell_.Call(static_cast<double>(count));
  free_count_ += left_count_;
  left_count_ = 0;
}

}  // namespace goodbyte::winsock
