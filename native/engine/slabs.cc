#include "engine/slabs.h"

namespace goodbyte {

namespace {
// Less is not worth a read of its own: the next slab is begun.
constexpr size_t kLeastRoom = 4096;
}  // namespace

void Slabs::Set(uint32_t index, uint8_t* base, size_t size) {
  slabs_[index] = {base, size, 0};
  if (index >= count_) count_ = index + 1;
}

uint8_t* Slabs::Reserve(size_t* length) {
  for (; current_ < count_; current_++) {
    const Slab& slab = slabs_[current_];
    const size_t room = slab.size - slab.used;
    if (room >= kLeastRoom) {
      *length = room;
      return slab.base + slab.used;
    }
    if (current_ + 1 == count_) break;
  }
  exhausted_ = true;
  return nullptr;
}

void Slabs::Recycle() {
  for (uint32_t index = 0; index < count_; index++) slabs_[index].used = 0;
  current_ = 0;
}

bool Slabs::TakeExhausted() {
  const bool exhausted = exhausted_;
  exhausted_ = false;
  return exhausted;
}

}  // namespace goodbyte
