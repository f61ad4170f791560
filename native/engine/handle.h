// The object behind a JavaScript id: a connection or a listener, on one libuv
// handle.
//
// Owner: the engine, from Adopt until libuv has closed the handle; the close
// callback deletes the object. All of it lives on the loop's thread.
#ifndef GOODBYTE_ENGINE_HANDLE_H_
#define GOODBYTE_ENGINE_HANDLE_H_

#include <uv.h>

#include <cstdint>

#include "engine/memory.h"

namespace goodbyte {

class Engine;
class Connection;
class Listener;

enum class Medium : uint8_t {
  kPipe,
  // Its socket is made by bind or connect ...
  kTcp,
  // ... or at once, so that options can be set before.
  kTcp4,
  kTcp6,
};

class Handle : public Allocated {
 public:
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  virtual ~Handle() = default;

  // libuv's part of the construction, after which only Close ends it. Returns
  // 0 or an error.
  int Init(Medium medium);

  virtual Connection* AsConnection() { return nullptr; }
  virtual Listener* AsListener() { return nullptr; }

  // Ends at once; kReleased follows, unless the environment ends. Idempotent.
  void Close();
  bool closing() const { return closing_; }

  void Ref() { uv_ref(handle()); }
  void Unref() { uv_unref(handle()); }

  // Called in the next turn after Engine::Ready; returns whether to call it
  // again.
  virtual bool OnReady() { return false; }

  int32_t id() const { return id_; }
  bool is_pipe() const { return uv_.handle.type == UV_NAMED_PIPE; }
  uv_handle_t* handle() { return &uv_.handle; }
  uv_stream_t* stream() { return &uv_.stream; }
  uv_tcp_t* tcp() { return &uv_.tcp; }
  uv_pipe_t* pipe() { return &uv_.pipe; }

 protected:
  explicit Handle(Engine* engine) : engine_(engine) {}

  Engine* engine() const { return engine_; }
  // The handle is about to close: nothing may start on it from now on.
  virtual void OnClosing() {}

 private:
  friend class Engine;

  Engine* const engine_;
  int32_t id_ = -1;
  bool closing_ = false;
  bool ready_ = false;
  union {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
    uv_pipe_t pipe;
  } uv_;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_HANDLE_H_
