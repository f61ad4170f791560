#include "engine/engine.h"

#include <algorithm>
#include <cstring>

namespace goodbyte {

namespace {

template <typename T>
bool GrowArray(T** array, size_t capacity) {
  void* moved = Reallocate(*array, capacity * sizeof(T));
  if (moved == nullptr) return false;
  *array = static_cast<T*>(moved);
  return true;
}

}  // namespace

// -- birth and death ----------------------------------------------------------

Engine* Engine::Create(napi_env env) {
  Engine* engine = new Engine(env);
  if (engine == nullptr) return nullptr;
  if (napi_get_uv_event_loop(env, &engine->loop_) != napi_ok ||
      napi_add_async_cleanup_hook(env, OnCleanup, engine, &engine->hook_) !=
          napi_ok) {
    delete engine;
    return nullptr;
  }
  uv_check_init(engine->loop_, &engine->check_);
  uv_idle_init(engine->loop_, &engine->idle_);
  engine->check_.data = engine->idle_.data = engine;
  engine->own_handles_ = 2;
  uv_check_start(&engine->check_, [](uv_check_t* check) {
    static_cast<Engine*>(check->data)->OnCheck();
  });
  // It reports events, and does not count as a handle.
  uv_unref(reinterpret_cast<uv_handle_t*>(&engine->check_));
  return engine;
}

void Engine::Start(const SharedMemory& shared, Napi::Function drain) {
  shared_ = shared;
  drain_.Set("GOODBYTEENGINE", drain);
}

// From the environment's teardown, on its thread, while its loop still runs.
void Engine::OnCleanup(napi_async_cleanup_hook_handle, void* self) {
  Engine* engine = static_cast<Engine*>(self);
  engine->closing_ = true;
  engine->drain_.Forget();
  // Nobody takes the remaining events: waiting for them would be a spin.
  uv_idle_stop(&engine->idle_);
  for (size_t id = 0; id < engine->capacity_; id++) {
    if (engine->handles_[id] != nullptr) engine->handles_[id]->Close();
  }
  if (engine->open_ == 0) engine->CloseOwnHandles();
}

void Engine::CloseOwnHandles() {
  const uv_close_cb closed = [](uv_handle_t* handle) {
    static_cast<Engine*>(handle->data)->OnOwnHandleClosed();
  };
  uv_close(reinterpret_cast<uv_handle_t*>(&check_), closed);
  uv_close(reinterpret_cast<uv_handle_t*>(&idle_), closed);
}

void Engine::OnOwnHandleClosed() {
  if (--own_handles_ > 0) return;
  const napi_async_cleanup_hook_handle hook = hook_;
  std::free(handles_);
  std::free(free_ids_);
  std::free(ready_);
  delete this;
  // The environment goes on with its teardown.
  napi_remove_async_cleanup_hook(hook);
}

// -- handles ------------------------------------------------------------------

bool Engine::Grow() {
  constexpr size_t kFirstCapacity = 64;
  const size_t grown = std::max(2 * capacity_, kFirstCapacity);
  if (!GrowArray(&handles_, grown) || !GrowArray(&free_ids_, grown) ||
      !GrowArray(&ready_, grown)) {
    return false;
  }
  for (size_t id = grown; id-- > capacity_;) {
    handles_[id] = nullptr;
    free_ids_[free_count_ + released_count_] = free_ids_[free_count_];
    free_ids_[free_count_++] = static_cast<int32_t>(id);
  }
  capacity_ = grown;
  return true;
}

int32_t Engine::Adopt(Handle* handle, Medium medium, int* error) {
  *error = UV_ENOMEM;
  if (handle == nullptr) return -1;
  if ((free_count_ == 0 && !Grow()) || !events_.Enlist()) {
    delete handle;
    return -1;
  }
  *error = handle->Init(medium);
  if (*error != 0) {
    events_.Delist();
    delete handle;
    return -1;
  }
  const int32_t id = free_ids_[--free_count_];
  // Released ids stay behind the free ones.
  if (released_count_ > 0) {
    free_ids_[free_count_] = free_ids_[free_count_ + released_count_];
  }
  handle->id_ = id;
  handles_[id] = handle;
  open_++;
  return id;
}

Handle* Engine::handle(int32_t id) const {
  return id >= 0 && static_cast<size_t>(id) < capacity_ ? handles_[id]
                                                        : nullptr;
}

Connection* Engine::connection(int32_t id) const {
  Handle* found = handle(id);
  return found == nullptr ? nullptr : found->AsConnection();
}

Listener* Engine::listener(int32_t id) const {
  Handle* found = handle(id);
  return found == nullptr ? nullptr : found->AsListener();
}

void Engine::OnClosed(Handle* handle) {
  open_--;
  handles_[handle->id()] = nullptr;
  if (closing_) {
    if (open_ == 0) CloseOwnHandles();
    return;
  }
  Tell(handle->id(), What(EventKind::kReleased));
  events_.Delist();
  free_ids_[free_count_ + released_count_++] = handle->id();
}

// -- reporting ----------------------------------------------------------------

void Engine::Tell(int32_t id, uint32_t what, uint32_t a, uint32_t b) {
  events_.Push(id, what, a, b);
  Wake();
}

void Engine::Wake() {
  if (closing_) return;
  uv_idle_start(&idle_, [](uv_idle_t*) {});
}

void Engine::Ready(Handle* handle) {
  if (handle->ready_) return;
  handle->ready_ = true;
  ready_[ready_count_++] = handle->id();
  Wake();
}

void Engine::OnCheck() {
  if (ready_count_ > 0) RunReady();
  if (!events_.empty() || slabs_.starved()) {
    Drain();
  } else {
    // The read may have produced no event, skipped frames for example: then
    // JavaScript does not call Next(), which would recycle.
    slabs_.Recycle();
  }
  if (ready_count_ == 0 && events_.empty()) uv_idle_stop(&idle_);
  turn_++;
}

void Engine::RunReady() {
  size_t left = 0;
  for (size_t at = 0; at < ready_count_; at++) {
    Handle* ready = handle(ready_[at]);
    if (ready == nullptr) continue;
    ready->ready_ = ready->OnReady();
    if (ready->ready_) ready_[left++] = ready->id();
  }
  ready_count_ = left;
}

void Engine::Drain() {
  if (drain_.empty()) return;
  drain_.Call(static_cast<double>(
      events_.Take(shared_.events, shared_.event_capacity)));
}

size_t Engine::Next() {
  const size_t taken = events_.Take(shared_.events, shared_.event_capacity);
  if (taken == 0) {
    slabs_.Recycle();
    free_count_ += released_count_;
    released_count_ = 0;
  }
  return taken;
}

}  // namespace goodbyte
