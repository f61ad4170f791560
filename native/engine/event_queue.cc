#include "engine/event_queue.h"

#include <algorithm>
#include <cstring>

#include "engine/memory.h"

namespace goodbyte {

namespace {
// Accepted (two records), connected, end, lost, sent, FIN sent, released.
constexpr size_t kReservedEach = 8;
constexpr size_t kFirstCapacity = 512;
}  // namespace

EventQueue::~EventQueue() { std::free(events_); }

bool EventQueue::EnsureRoom(size_t events) {
  const size_t needed = end_ + events + kReservedEach * enlisted_;
  if (needed <= capacity_) return true;
  const size_t grown = std::max({needed, 2 * capacity_, kFirstCapacity});
  void* moved = Reallocate(events_, grown * sizeof(Event));
  if (moved == nullptr) return false;
  events_ = static_cast<Event*>(moved);
  capacity_ = grown;
  return true;
}

bool EventQueue::Enlist() {
  if (!EnsureRoom(kReservedEach)) return false;
  enlisted_++;
  return true;
}

Event* EventQueue::Push(int32_t id, uint32_t what, uint32_t a, uint32_t b) {
  Event* event = &events_[end_++];
  *event = {id, what, a, b};
  return event;
}

size_t EventQueue::Take(Event* into, size_t most) {
  const size_t taken = std::min(most, end_ - next_);
  std::memcpy(into, events_ + next_, taken * sizeof(Event));
  next_ += taken;
  generation_++;
  if (next_ == end_) next_ = end_ = 0;
  return taken;
}

}  // namespace goodbyte
