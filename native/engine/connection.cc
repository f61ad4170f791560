#include "engine/connection.h"

#include <algorithm>
#include <cstring>

#include "engine/engine.h"
#include "platform/socket_options.h"
#include "platform/stream.h"

namespace goodbyte {

namespace {

// Most octets that are dropped after an abort.
constexpr size_t kBriefly = 64 * 1024;

size_t LengthOf(const uv_buf_t* pieces, size_t count) {
  size_t length = 0;
  for (size_t index = 0; index < count; index++) length += pieces[index].len;
  return length;
}

}  // namespace

// A write that the system did not take at once, followed by its copied octets.
// Owner: libuv, until its callback.
struct Connection::Write : Allocated {
  uv_write_t request;
  // With it everything to be written is done.
  bool tells;

  static Write* WithCopy(const uint8_t* octets, size_t length) {
    void* block = Allocate(sizeof(Write) + length);
    if (block == nullptr) return nullptr;
    Write* write = static_cast<Write*>(block);
    if (length > 0) std::memcpy(write + 1, octets, length);
    return write;
  }
  char* copy() { return reinterpret_cast<char*>(this + 1); }
};

// A request that libuv carries out, and owns until its callback. It is not a
// member, so an idle connection does not pay for it.
template <typename T>
struct Connection::Request : Allocated {
  T request;

  // Deletes the callback's request.
  static Connection* End(T* request) {
    Connection* self = Of(reinterpret_cast<uv_handle_t*>(request->handle));
    delete reinterpret_cast<Request*>(request);
    return self;
  }
};

void Connection::Tell(EventKind kind, uint32_t a) {
  engine()->Tell(id(), What(kind), a);
}

// -- setup --------------------------------------------------------------------

int Connection::ConnectTcp(const sockaddr_storage* from,
                           const sockaddr_storage& to) {
  if (from != nullptr) {
    const int error =
        uv_tcp_bind(tcp(), reinterpret_cast<const sockaddr*>(from), 0);
    if (error != 0) return error;
  }
  auto* connect = new Request<uv_connect_t>;
  if (connect == nullptr) return UV_ENOMEM;
  const int error = uv_tcp_connect(
      &connect->request, tcp(), reinterpret_cast<const sockaddr*>(&to),
      [](uv_connect_t* request, int status) {
        Request<uv_connect_t>::End(request)->OnConnect(status);
      });
  if (error == 0) {
    uv_tcp_nodelay(tcp(), 1);
  } else {
    delete connect;
  }
  return error;
}

int Connection::ConnectPipe(const char* path, size_t length) {
  auto* connect = new Request<uv_connect_t>;
  if (connect == nullptr) return UV_ENOMEM;
  const int error = uv_pipe_connect2(
      &connect->request, pipe(), path, length, UV_PIPE_NO_TRUNCATE,
      [](uv_connect_t* request, int status) {
        Request<uv_connect_t>::End(request)->OnConnect(status);
      });
  if (error != 0) delete connect;
  return error;
}

void Connection::OnConnect(int error) {
  if (closing()) return;
  Tell(EventKind::kConnected, static_cast<uint32_t>(error));
  if (error != 0) {
    Close();
    return;
  }
  connected_ = true;
  UpdateReading();
}

void Connection::Begin() {
  connected_ = true;
  if (!is_pipe() && !kAcceptedInheritsNoDelay) uv_tcp_nodelay(tcp(), 1);
  UpdateReading();
}

int Connection::Take(uv_os_sock_t accepted) {
  return is_pipe() ? uv_pipe_open(pipe(), static_cast<uv_file>(accepted))
                   : uv_tcp_open(tcp(), accepted);
}

// -- sending ------------------------------------------------------------------

ssize_t Connection::TryWrite(const uv_buf_t* pieces, size_t count) {
  // After the waiting writes.
  if (writing_ > 0 || !connected_) return 0;
  // The system might take all of it, and then not report how much has left.
  if (LengthOf(pieces, count) > kMostInWrite) return 0;
  const int taken =
      uv_try_write(stream(), pieces, static_cast<unsigned int>(count));
  return taken == UV_EAGAIN || taken == UV_ENOSYS ? 0 : taken;
}

void Connection::WriteCopy(const uint8_t* octets, size_t length) {
  if (cannot_write()) return;
  uv_buf_t piece =
      uv_buf_init(reinterpret_cast<char*>(const_cast<uint8_t*>(octets)),
                  static_cast<unsigned int>(length));
  const ssize_t taken = TryWrite(&piece, 1);
  if (taken < 0) {
    BreakWrites(static_cast<int>(taken));
    return;
  }
  const size_t left = length - static_cast<size_t>(taken);
  if (left == 0) return;
  Write* write = Write::WithCopy(octets + taken, left);
  if (write == nullptr) {
    BreakWrites(UV_ENOMEM);
    return;
  }
  piece = uv_buf_init(write->copy(), static_cast<unsigned int>(left));
  Submit(write, &piece, 1);
}

void Connection::WriteKept(uv_buf_t* pieces, size_t count) {
  if (cannot_write()) return;
  const uv_buf_t* const first = pieces;
  const ssize_t result = TryWrite(pieces, count);
  if (result < 0) {
    BreakWrites(static_cast<int>(result));
    return;
  }
  size_t taken = static_cast<size_t>(result);
  while (count > 0 && taken >= pieces->len) {
    taken -= pieces->len;
    pieces++;
    count--;
  }
  if (count == 0) return;
  pieces->base += taken;
  pieces->len -= static_cast<decltype(pieces->len)>(taken);
  const bool copies = pieces == first;
  Write* write = Write::WithCopy(
      reinterpret_cast<const uint8_t*>(pieces->base), copies ? pieces->len : 0);
  if (write == nullptr) {
    BreakWrites(UV_ENOMEM);
    return;
  }
  if (copies) pieces->base = write->copy();
  Submit(write, pieces, count);
}

void Connection::Submit(Write* write, const uv_buf_t* pieces, size_t count) {
  size_t left = LengthOf(pieces, count);
  if (left <= kMostInWrite) {
    write->tells = true;
    if (SubmitPart(write, pieces, count)) writing_++;
    return;
  }
  // The copy, which is the first one's, goes out first.
  for (; left > 0; pieces++) {
    uv_buf_t part = *pieces;
    for (size_t of_piece = pieces->len; of_piece > 0; of_piece -= part.len) {
      part.len = static_cast<decltype(part.len)>(
          std::min(of_piece, kMostInWrite));
      left -= part.len;
      if (write == nullptr) write = Write::WithCopy(nullptr, 0);
      if (write == nullptr) {
        BreakWrites(UV_ENOMEM);
        return;
      }
      write->tells = left == 0;
      if (!SubmitPart(write, &part, 1)) return;
      write = nullptr;
      part.base += part.len;
    }
  }
  writing_++;
}

bool Connection::SubmitPart(Write* write, const uv_buf_t* pieces,
                            size_t count) {
  const int error =
      uv_write(&write->request, stream(), pieces,
               static_cast<unsigned int>(count),
               [](uv_write_t* request, int status) {
                 Connection* self =
                     Of(reinterpret_cast<uv_handle_t*>(request->handle));
                 Write* write = reinterpret_cast<Write*>(request);
                 const bool tells = write->tells;
                 delete write;
                 if (tells) {
                   self->OnWritten(status);
                 } else if (status != 0) {
                   self->BreakWrites(status);
                 }
               });
  if (error == 0) return true;
  delete write;
  BreakWrites(error);
  return false;
}

void Connection::OnWritten(int error) {
  writing_--;
  if (closing()) return;
  if (error != 0) {
    BreakWrites(error);
    return;
  }
  EventQueue& events = engine()->events();
  if (sent_generation_ == events.generation()) {
    events.at(sent_at_)->a++;
  } else {
    Tell(EventKind::kSent, 1);
    sent_generation_ = events.generation();
    sent_at_ = events.last_at();
  }
}

bool Connection::WriteLast(const uint8_t* octets, size_t length) {
  if (cannot_write()) return false;
  if (writing_ == 0 && connected_) {
    const ssize_t taken = WriteBeforeFin(stream(), octets, length);
    if (taken >= 0) {
      octets += taken;
      length -= static_cast<size_t>(taken);
    } else if (taken != UV_ENOSYS && taken != UV_EAGAIN) {
      BreakWrites(static_cast<int>(taken));
      return false;
    }
  }
  if (length > 0) WriteCopy(octets, length);
  return Shutdown();
}

bool Connection::Shutdown() {
  if (cannot_write()) return false;
  fin_wanted_ = true;
  if (writing_ == 0 && connected_) {
    const int now = ShutdownNow(stream());
    if (now != UV_ENOSYS) return OnShutdown(now);
  }
  auto* shutdown = new Request<uv_shutdown_t>;
  if (shutdown == nullptr) {
    BreakWrites(UV_ENOMEM);
    return false;
  }
  const int error = uv_shutdown(
      &shutdown->request, stream(), [](uv_shutdown_t* request, int status) {
        Connection* self = Request<uv_shutdown_t>::End(request);
        if (self->OnShutdown(status)) self->Tell(EventKind::kFinSent);
      });
  if (error != 0) {
    delete shutdown;
    BreakWrites(error);
  }
  return false;
}

bool Connection::OnShutdown(int error) {
  if (closing()) return false;
  if (error != 0) {
    BreakWrites(error);
    return false;
  }
  fin_sent_ = true;
  CloseIfDone();
  return true;
}

void Connection::BreakWrites(int error) {
  if (write_broken_ || closing()) return;
  // It was connected, so this follows a reset. Reading reports it too, and does
  // not mention a pipe.
  if (error == UV_ENOTCONN || error == UV_EPIPE) error = UV_ECONNRESET;
  write_broken_ = true;
  // The peer's earlier data is read first, then the error. Where that is not
  // possible here, libuv does it.
  if (kReadsNow || error != UV_ECONNRESET || !reading_ || dropping_) {
    TakeRest(error);
  } else {
    gone_error_ = error;
  }
}

void Connection::Lose(int error) {
  if (closing()) return;
  if (!dropping_) Tell(EventKind::kLost, static_cast<uint32_t>(error));
  Close();
}

// -- the end ------------------------------------------------------------------

bool Connection::Linger() {
  if (closing()) return true;
  dropping_ = true;
  decoder_.Stop();
  held_.Clear();
  end_held_ = false;
  // A last word on its way keeps the process alive.
  Ref();
  // With nothing left to read or write, closing sends FIN.
  const bool is_fin_alone =
      ended_ && is_drained_ && writing_ == 0 && !fin_wanted_;
  if (write_broken_ || is_fin_alone) {
    Close();
    return true;
  }
  Shutdown();
  // Unread inbound octets would make the system reset the connection at close,
  // which destroys data on its way to the peer.
  UpdateReading();
  CloseIfDone();
  return fin_sent_ || closing();
}

bool Connection::LingerBriefly() {
  droppable_ = kBriefly;
  return Linger();
}

void Connection::Reset() {
  if (closing()) return;
  if (!is_pipe()) ResetAtClose(handle());
  Close();
}

void Connection::CloseIfDone() {
  if (ended_ && fin_sent_ && held_.empty() && !end_held_) Close();
}

void Connection::OnClosing() {
  decoder_.Stop();
  held_.Clear();
}

}  // namespace goodbyte
