#include "engine/handle.h"

#include "engine/engine.h"

namespace goodbyte {

int Handle::Init(Medium medium) {
  uv_loop_t* const loop = engine_->loop();
  uv_.handle.data = this;
  switch (medium) {
    case Medium::kPipe:
      return uv_pipe_init(loop, &uv_.pipe, 0);
    case Medium::kTcp:
      return uv_tcp_init(loop, &uv_.tcp);
    case Medium::kTcp4:
      return uv_tcp_init_ex(loop, &uv_.tcp, AF_INET);
    case Medium::kTcp6:
      return uv_tcp_init_ex(loop, &uv_.tcp, AF_INET6);
  }
  return UV_EINVAL;
}

void Handle::Close() {
  if (closing_) return;
  closing_ = true;
  OnClosing();
  uv_close(handle(), [](uv_handle_t* closed) {
    Handle* self = static_cast<Handle*>(closed->data);
    self->engine_->OnClosed(self);
    delete self;
  });
}

}  // namespace goodbyte
