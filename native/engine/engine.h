// The engine of one environment: its handles, its slabs, and the call into
// JavaScript at the end of each turn of its loop.
//
// Owner: the environment. The cleanup hook closes all handles, waits for libuv
// to be done with them, and deletes the engine; from its first step on nothing
// calls into JavaScript. Everything runs on the environment's thread.
#ifndef GOODBYTE_ENGINE_ENGINE_H_
#define GOODBYTE_ENGINE_ENGINE_H_

#include <napi.h>
#include <uv.h>

#include <cstddef>
#include <cstdint>

#include "callback.h"
#include "engine/connection.h"
#include "engine/event_queue.h"
#include "engine/listener.h"
#include "engine/memory.h"
#include "engine/slabs.h"

namespace goodbyte {

// Handed over by JavaScript once, which keeps all of it alive.
struct SharedMemory {
  Event* events;
  size_t event_capacity;
  // Frames to be written.
  uint8_t* outgoing;
  size_t outgoing_length;
  // An address, or another value of several numbers.
  uint32_t* record;
};

class Engine : public Allocated {
 public:
  // nullptr: no memory, or libuv refused.
  static Engine* Create(napi_env env);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // `drain` is called with a number of events in shared memory.
  void Start(const SharedMemory& shared, Napi::Function drain);
  bool started() const { return shared_.events != nullptr; }

  uv_loop_t* loop() const { return loop_; }
  EventQueue& events() { return events_; }
  Slabs& slabs() { return slabs_; }
  const SharedMemory& shared() const { return shared_; }

  // Takes over a handle, and gives it its id; reserves room for its events. On
  // failure `error` has the reason, and the handle is deleted.
  int32_t Adopt(Handle* handle, Medium medium, int* error);
  // nullptr if the id no longer has a handle.
  Connection* connection(int32_t id) const;
  Listener* listener(int32_t id) const;
  Handle* handle(int32_t id) const;

  // Pushes an event, and makes this turn end soon: not every event comes from
  // the poll phase.
  void Tell(int32_t id, uint32_t what, uint32_t a = 0, uint32_t b = 0);
  // The number of the loop's turn.
  uint32_t turn() const { return turn_; }
  // The handle has work for the next turn.
  void Ready(Handle* handle);
  // Receives octets that are read to be dropped.
  uv_buf_t drop_room() { return uv_buf_init(dropped_, sizeof dropped_); }

  // Reports to JavaScript: at the end of a turn, and before that from a libuv
  // callback in which a handle may be closed.
  void Drain();
  // More events for JavaScript; 0: it has read them all, and the slabs are
  // free.
  size_t Next();
  // Handles that are open, and not yet closed by libuv.
  size_t open() const { return open_; }

 private:
  friend class Handle;

  explicit Engine(napi_env env) : drain_(env) {}
  ~Engine() = default;

  static void OnCleanup(napi_async_cleanup_hook_handle hook, void* self);
  bool Grow();
  void Wake();
  void OnCheck();
  void RunReady();
  void OnClosed(Handle* handle);
  void CloseOwnHandles();
  void OnOwnHandleClosed();

  uv_loop_t* loop_ = nullptr;
  napi_async_cleanup_hook_handle hook_ = nullptr;
  Callback drain_;

  // After the poll phase: reports the turn's events to JavaScript.
  uv_check_t check_;
  // Active while there are reports without a system event.
  uv_idle_t idle_;
  int own_handles_ = 0;
  bool closing_ = false;

  SharedMemory shared_ = {};
  EventQueue events_;
  Slabs slabs_;

  Handle** handles_ = nullptr;
  // Free ids; it has the capacity of handles_.
  int32_t* free_ids_ = nullptr;
  size_t free_count_ = 0;
  size_t capacity_ = 0;
  size_t open_ = 0;
  // Ids whose release JavaScript has not seen are not reused.
  size_t released_count_ = 0;

  // Ids of handles that have; it has the capacity of handles_.
  int32_t* ready_ = nullptr;
  size_t ready_count_ = 0;
  uint32_t turn_ = 0;

  char dropped_[64 * 1024];
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_ENGINE_H_
