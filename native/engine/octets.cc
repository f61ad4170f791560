#include "engine/octets.h"

#include <cstring>

#include "engine/memory.h"

namespace goodbyte {

bool Octets::Append(const uint8_t* octets, size_t length) {
  const size_t needed = end_ + length;
  if (needed > capacity_) {
    const size_t grown = needed > 2 * capacity_ ? needed : 2 * capacity_;
    void* moved = Reallocate(data_, grown);
    if (moved == nullptr) return false;
    data_ = static_cast<uint8_t*>(moved);
    capacity_ = grown;
  }
  std::memcpy(data_ + end_, octets, length);
  end_ = needed;
  return true;
}

void Octets::Drop(size_t length) {
  start_ += length;
  if (empty()) Clear();
}

void Octets::Clear() {
  std::free(data_);
  data_ = nullptr;
  start_ = end_ = capacity_ = 0;
}

}  // namespace goodbyte
