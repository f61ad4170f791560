#include <algorithm>
#include <cstring>

#include "engine/connection.h"
#include "engine/engine.h"
#include "platform/stream.h"

namespace goodbyte {

namespace {

// Most events of one connection in a turn, so that others get theirs.
constexpr uint32_t kMostInTurn = 1024;
// Held octets that are decoded at once.
constexpr size_t kMostFromHeld = 16 * 1024;

}  // namespace

void Connection::Pause() {
  paused_ = true;
  UpdateReading();
}

void Connection::Resume() {
  paused_ = false;
  if (!held_.empty() && !decoder_.holding()) engine()->Ready(this);
  UpdateReading();
}

void Connection::UpdateReading() {
  const bool has_room =
      !resting_ && (held_.empty() ||
                    (decoder_.holding() && held_.size() < hold_limit_));
  const bool wanted = connected_ && rest_ == Rest::kUntouched && !closing() &&
                      (dropping_ ? droppable_ > 0 : !paused_ && has_room);
  if (wanted == reading_) return;
  reading_ = wanted;
  if (!wanted) {
    uv_read_stop(stream());
    // Nobody would receive a report now.
    if (write_broken_) TakeRest(gone_error_);
    return;
  }
  const int error = uv_read_start(
      stream(),
      [](uv_handle_t* handle, size_t, uv_buf_t* room) {
        *room = Of(handle)->RoomToRead();
      },
      [](uv_stream_t* stream, ssize_t length, const uv_buf_t* room) {
        Of(reinterpret_cast<uv_handle_t*>(stream))
            ->OnRead(length, reinterpret_cast<const uint8_t*>(room->base));
      });
  if (error != 0) {
    reading_ = false;
    Lose(error);
  }
}

// -- room ---------------------------------------------------------------------

size_t Connection::MostEvents(size_t room) const {
  constexpr size_t kControlEvents = 16;
  const size_t frames = room / framing::kFrameHeaderLength;
  // Pieces of a stream become one, unless something comes between them.
  const bool is_stream =
      decoder_.options().message_limit == framing::DecoderOptions::kStream;
  const size_t most = is_stream ? 2 * kMostInTurn + 1 : kMostInTurn;
  return kControlEvents + std::min<size_t>(frames, most);
}

uint8_t* Connection::Reserve(size_t* room) {
  uint8_t* base = engine()->slabs().Reserve(room, brings_much_);
  return base != nullptr && engine()->events().EnsureRoom(MostEvents(*room))
             ? base
             : nullptr;
}

uv_buf_t Connection::RoomToRead() {
  if (dropping_) return engine()->drop_room();
  size_t room = 0;
  // If there is no room, libuv asks again in the next turn.
  uint8_t* base = Reserve(&room);
  return base == nullptr ? uv_buf_init(nullptr, 0)
                         : uv_buf_init(reinterpret_cast<char*>(base),
                                       static_cast<unsigned int>(room));
}

bool Connection::HasBroughtEnough() const {
  return brought_ >= hold_limit_ &&
         brought_generation_ ==
             static_cast<uint32_t>(engine()->events().generation());
}

bool Connection::HadItsTurn() const {
  return told_ >= kMostInTurn && told_turn_ == engine()->turn();
}

void Connection::CountInTurn() {
  if (told_turn_ != engine()->turn()) {
    told_turn_ = engine()->turn();
    told_ = 0;
  }
  // Not after a request: there it holds already, until the verdict.
  if (++told_ < kMostInTurn || decoder_.holding()) return;
  resting_ = true;
  decoder_.Hold();
  engine()->Ready(this);
}

// -- octets -------------------------------------------------------------------

void Connection::OnRead(ssize_t length, const uint8_t* room) {
  if (closing() || length == 0 || length == UV_ENOBUFS) return;
  if (length > 0) {
    received_ += static_cast<uint32_t>(length);
    if (dropping_) {
      droppable_ -= std::min(droppable_, static_cast<size_t>(length));
      UpdateReading();
      return;
    }
    OnOctets(room, static_cast<size_t>(length));
    // libuv allows closing and pausing a handle in here, and otherwise reads
    // on.
    if (HasBroughtEnough()) engine()->Drain();
  } else {
    // libuv passes a buffer if its own read has found the end: then the system
    // knows nothing more. Otherwise it has guessed.
    if (length == UV_EOF && room != nullptr) is_drained_ = true;
    TakeRest(length == UV_EOF ? 0 : static_cast<int>(length));
  }
}

void Connection::OnOctets(const uint8_t* octets, size_t length) {
  if (!decoder_.holding()) {
    const size_t taken = DecodeInPlace(octets, length);
    octets += taken;
    length -= taken;
    // Skipped octets are not reported, and no new generation begins.
    const EventQueue& events = engine()->events();
    if (!events.empty()) {
      const auto generation = static_cast<uint32_t>(events.generation());
      if (brought_generation_ != generation) brought_ = 0;
      brought_generation_ = generation;
      brought_ += static_cast<uint32_t>(taken);
    }
  }
  if (length > 0) {
    Hold(octets, length);
  } else if (resting_) {
    UpdateReading();
  }
}

size_t Connection::DecodeInPlace(const uint8_t* octets, size_t length) {
  Slabs& slabs = engine()->slabs();
  slabs.Commit(length);
  const size_t taken = decoder_.Decode(octets, length, this);
  brings_much_ = slabs.IsMost(length);
  Event* last = engine()->events().last();
  if (brings_much_ && last != nullptr && last->id == id() && IsPiece(*last) &&
      slabs.GiveWith(last->b)) {
    last->what |= kTakesSlab;
  }
  return taken;
}

void Connection::Hold(const uint8_t* octets, size_t length) {
  if (held_.Append(octets, length)) {
    UpdateReading();
  } else {
    Lose(UV_ENOMEM);
  }
}

void Connection::Release() {
  if (!resting_) decoder_.Release();
  if (closing() || (held_.empty() && !end_held_)) return;
  // New octets belong behind the held ones.
  UpdateReading();
  engine()->Ready(this);
}

bool Connection::DecodeHeld() {
  if (resting_) {
    if (HadItsTurn()) return false;
    resting_ = false;
    decoder_.Release();
  }
  // If the peer is gone everything is read: a pause cannot hold it up.
  while (!held_.empty() && !decoder_.holding() &&
         (!paused_ || rest_ != Rest::kUntouched)) {
    size_t room = 0;
    uint8_t* base = Reserve(&room);
    if (base == nullptr) return false;
    const size_t length = std::min({room, held_.size(), kMostFromHeld});
    std::memcpy(base, held_.data(), length);
    held_.Drop(DecodeInPlace(base, length));
  }
  return !resting_;
}

bool Connection::OnReady() {
  if (closing()) return false;
  if (!DecodeHeld()) return true;
  if (rest_ == Rest::kWanted && !ReadRest()) return !closing();
  if (rest_ == Rest::kRead) TellGone();
  if (end_held_ && held_.empty()) {
    end_held_ = false;
    TellEnd();
    CloseIfDone();
  }
  UpdateReading();
  return false;
}

// -- the peer's end -----------------------------------------------------------

void Connection::TakeRest(int error) {
  if (closing()) return;
  if (gone_error_ == 0) gone_error_ = error;
  if (ended_) {
    Lose(error);
    return;
  }
  if (rest_ != Rest::kUntouched) return;
  rest_ = Rest::kWanted;
  UpdateReading();
  engine()->Ready(this);
}

bool Connection::ReadRest() {
  while (!is_drained_ && !dropping_ &&
         !(decoder_.holding() && held_.size() >= hold_limit_)) {
    size_t room = 0;
    uint8_t* base = Reserve(&room);
    if (base == nullptr) return false;
    const ssize_t length = ReadNow(stream(), base, room);
    if (length > 0) {
      received_ += static_cast<uint32_t>(length);
      OnOctets(base, static_cast<size_t>(length));
      if (closing() || resting_) return false;
      continue;
    }
    if (gone_error_ == 0 && length != UV_EAGAIN && length != UV_ENOSYS) {
      gone_error_ = static_cast<int>(length);
    }
    break;
  }
  rest_ = Rest::kRead;
  // If a request is accepted as soon as it is reported, its later octets come
  // before its end.
  return !decoder_.holding();
}

void Connection::TellGone() {
  rest_ = Rest::kTold;
  if (gone_error_ != 0) {
    Lose(gone_error_);
    return;
  }
  ended_ = true;
  if (dropping_) {
    CloseIfDone();
  } else if (decoder_.holding() && decoder_.plain()) {
    // A caller without frames may send everything and end: that is not a
    // withdrawal, and is reported after the held octets.
    end_held_ = true;
  } else {
    TellEnd();
    CloseIfDone();
  }
}

void Connection::TellEnd() {
  framing::Violation violation;
  if (decoder_.End(&violation)) {
    OnViolation(violation);
  } else {
    Tell(EventKind::kEnd);
  }
}

// -- events of the decoder ---------------------------------------------------

void Connection::OnPreface(uint8_t min_version, uint8_t max_version) {
  engine()->Tell(id(), What(EventKind::kPreface), min_version, max_version);
}

void Connection::OnPlain(const uint8_t* before, size_t length) {
  Tell(EventKind::kPlain);
  if (length > 0) Hold(before, length);
}

void Connection::OnFrame(uint8_t type, const uint8_t* payload, size_t length) {
  // A PONG's arrival is all that matters.
  if (type == framing::kPong) return;
  if (type == framing::kPing) {
    OnPing(payload, length);
    return;
  }
  Slabs& slabs = engine()->slabs();
  engine()->Tell(id(), What(EventKind::kFrame, type, slabs.current()),
                 slabs.Place(payload), static_cast<uint32_t>(length));
  CountInTurn();
}

void Connection::OnPing(const uint8_t* payload, size_t length) {
  Slabs& slabs = engine()->slabs();
  EventQueue& events = engine()->events();
  const uint32_t what =
      What(EventKind::kFrame, framing::kPing, slabs.current());
  if (ping_generation_ != events.generation()) {
    engine()->Tell(id(), what);
    ping_generation_ = events.generation();
    ping_at_ = events.last_at();
  }
  Event* event = events.at(ping_at_);
  event->what = what;
  event->a = slabs.Place(payload);
  event->b = static_cast<uint32_t>(length);
}

void Connection::OnFrameStart(uint8_t type, uint32_t total) {
  engine()->Tell(id(), What(EventKind::kFrameStart, type), 0, total);
}

void Connection::OnFramePiece(const uint8_t* piece, size_t length, bool last) {
  Slabs& slabs = engine()->slabs();
  engine()->Tell(id(), What(EventKind::kFramePiece, last, slabs.current()),
                 slabs.Place(piece), static_cast<uint32_t>(length));
  if (last) CountInTurn();
}

void Connection::OnData(const uint8_t* data, size_t length) {
  Slabs& slabs = engine()->slabs();
  const uint32_t what = What(EventKind::kData, 0, slabs.current());
  const uint32_t size = static_cast<uint32_t>(length);
  Event* last = engine()->events().last();
  if (last != nullptr && last->id == id() && last->what == what) {
    // Only headers, which have been read, lie between the two. Moving the
    // shorter one costs less than reporting another piece.
    uint8_t* before = slabs.At(slabs.current(), last->a);
    if (size <= last->b) {
      std::memmove(before + last->b, data, length);
    } else {
      last->a = slabs.OffsetOf(data) - last->b;
      std::memmove(slabs.At(slabs.current(), last->a), before, last->b);
    }
    last->b += size;
    return;
  }
  engine()->Tell(id(), what, slabs.Place(data), size);
}

void Connection::OnViolation(const framing::Violation& broken) {
  engine()->Tell(
      id(),
      What(EventKind::kViolation, static_cast<uint32_t>(broken.rule),
           broken.type | static_cast<uint32_t>(broken.count) << 8),
      broken.a, broken.b);
}

}  // namespace goodbyte
