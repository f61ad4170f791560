#include "engine/slabs.h"

#include <cstring>

namespace goodbyte {

int32_t Slabs::Missing() const {
  for (uint32_t index = 0; given_ > 0 && index < count_; index++) {
    if (slabs_[index].base == nullptr) return static_cast<int32_t>(index);
  }
  return wanted_ && count_ < kMost ? static_cast<int32_t>(count_) : -1;
}

void Slabs::Set(uint32_t index, uint8_t* base, size_t size) {
  if (index < count_) {
    given_--;
  } else {
    count_++;
    wanted_ = false;
  }
  slabs_[index] = {base, size, 0, 0, 0};
}

uint32_t Slabs::Find(bool alone) const {
  for (uint32_t index = 0; index < count_; index++) {
    const Slab& slab = slabs_[index];
    if (slab.base == nullptr) continue;
    if (alone ? slab.used == 0 : slab.size - slab.used >= kLeast) {
      return index;
    }
  }
  return kNone;
}

uint8_t* Slabs::Reserve(size_t* length, bool alone) {
  uint32_t found = Find(alone);
  if (found == kNone) {
    wanted_ = true;
    if (alone) found = Find(false);
    if (found == kNone) return nullptr;
  }
  current_ = found;
  const Slab& slab = slabs_[found];
  *length = slab.size - slab.used;
  return slab.base + slab.used;
}

bool Slabs::GiveWith(size_t length) {
  Slab& slab = slabs_[current_];
  if (slab.reads != 1 || slab.pieces != 1 || !IsMost(length)) {
    return false;
  }
  std::memset(slab.base + slab.used, 0, slab.size - slab.used);
  slab.base = nullptr;
  given_++;
  return true;
}

void Slabs::Recycle() {
  for (uint32_t index = 0; index < count_; index++) {
    slabs_[index].used = 0;
    slabs_[index].reads = 0;
    slabs_[index].pieces = 0;
  }
}

}  // namespace goodbyte
