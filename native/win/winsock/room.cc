#include "win/winsock/room.h"

#include <windows.h>

#include "engine/memory.h"

namespace goodbyte::winsock {

namespace {

// With that many octets nobody sends the mark by chance.
constexpr size_t kCertain = 8;

// Octets that differ between buffers, so that no peer can send them.
uint8_t MarkAt(uint32_t mark, size_t index) {
  uint32_t mixed = mark + static_cast<uint32_t>(index) * 0x9e3779b9u;
  mixed ^= mixed >> 16;
  mixed *= 0x85ebca6bu;
  return static_cast<uint8_t>(mixed >> 24);
}

}  // namespace

bool Room::Reserve(size_t capacity) {
  Clear();
  // A pointer that is never NULL, which means something else to some providers.
  buffer_.buf = static_cast<char*>(Allocate(capacity + 1));
  if (buffer_.buf == nullptr) return false;
  buffer_.len = static_cast<ULONG>(capacity);
  capacity_ = capacity;
  LARGE_INTEGER ticks;
  QueryPerformanceCounter(&ticks);
  mark_ = ticks.LowPart ^
          static_cast<uint32_t>(reinterpret_cast<uintptr_t>(buffer_.buf));
  for (size_t at = 0; at < capacity; at++) {
    buffer_.buf[at] = static_cast<char>(MarkAt(mark_, at));
  }
  return true;
}

void Room::Clear() {
  std::free(buffer_.buf);
  buffer_ = {};
  capacity_ = 0;
}

size_t Room::LengthBy(bool declares) const {
  if (buffer_.len == 0 || buffer_.len > capacity_) return 0;
  if (declares && capacity_ < kCertain) return buffer_.len;
  return buffer_.len == capacity_ && IsUntouched() ? 0 : buffer_.len;
}

bool Room::IsUntouched() const {
  for (size_t at = 0; at < capacity_; at++) {
    if (static_cast<uint8_t>(buffer_.buf[at]) != MarkAt(mark_, at)) {
      return false;
    }
  }
  return true;
}

}  // namespace goodbyte::winsock
