// Events for JavaScript, delivered at the latest at the end of a loop turn.
#ifndef GOODBYTE_ENGINE_EVENT_QUEUE_H_
#define GOODBYTE_ENGINE_EVENT_QUEUE_H_

#include <cstddef>
#include <cstdint>

namespace goodbyte {

// The numbers, and the data of each event, are shared with
// src/provider/framed/engine/events.ts.
enum class EventKind : uint8_t {
  // At a listener: `a` was accepted. In the upper octets of `what`: its IPv6
  // scope; `b`: its port, with the family above it. Four numbers of address
  // follow.
  kAccepted = 0,
  // `a`: 0, or the error of the connect.
  kConnected = 1,
  kPreface = 2,        // from version `a` to `b`
  kPlain = 3,          //
  kFrame = 4,          // detail: type; third: slab; `a`: offset, `b`: length;
                       // with kTakesSlab, if it does
  kFrameStart = 5,     // detail: type; `b`: octets in all
  kFramePiece = 6,     // detail: 1 if it is the last; slab, offset, length
  kData = 7,           // the same, without detail
  kViolation = 8,      // detail: rule; third: type, count; `a` and `b`
  kEnd = 9,            // FIN between two frames
  kLost = 10,          // `a`: the error
  kSent = 11,          // `a`: so many writes were handed to the system
  kFinSent = 12,       //
  kReleased = 13,      // the id is free from here on
  kAcceptFailed = 14,  // at a listener; `a`: the error
};

struct Event {
  int32_t id;
  // Kind in the lowest octet, detail in the next, a third number above.
  uint32_t what;
  uint32_t a;
  uint32_t b;
};

constexpr uint32_t What(EventKind kind, uint32_t detail = 0,
                        uint32_t third = 0) {
  return static_cast<uint32_t>(kind) | detail << 8 | third << 16;
}

// The piece takes over its slab, in which it is the only one.
constexpr uint32_t kTakesSlab = 0x80000000;

// Not a part of one, which is joined with others before it is delivered.
constexpr bool IsPiece(const Event& event) {
  const auto kind = static_cast<EventKind>(event.what & 0xff);
  return kind == EventKind::kData || kind == EventKind::kFrame;
}

class EventQueue {
 public:
  EventQueue() = default;
  ~EventQueue();
  EventQueue(const EventQueue&) = delete;
  EventQueue& operator=(const EventQueue&) = delete;

  // Ensures room for that many more events; false: out of memory.
  bool EnsureRoom(size_t events);
  // Reserves room for the few events of a handle in a turn that do not come
  // from reading.
  bool Enlist();
  void Delist() { enlisted_--; }

  // There is room: it was ensured, or the handle is enlisted.
  Event* Push(int32_t id, uint32_t what, uint32_t a = 0, uint32_t b = 0);
  // The newest event that has not been taken, or nullptr.
  Event* last() { return empty() ? nullptr : &events_[end_ - 1]; }
  // The place of `last`, valid until the next Take, which changes the
  // generation.
  size_t last_at() const { return end_ - 1; }
  Event* at(size_t index) { return &events_[index]; }
  uint64_t generation() const { return generation_; }

  bool empty() const { return next_ == end_; }
  // Copies at most `most` events out, oldest first; returns how many.
  size_t Take(Event* into, size_t most);

 private:
  Event* events_ = nullptr;
  size_t next_ = 0;
  size_t end_ = 0;
  size_t capacity_ = 0;
  size_t enlisted_ = 0;
  uint64_t generation_ = 1;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_EVENT_QUEUE_H_
