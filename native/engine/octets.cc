#include "engine/octets.h"

#include <cstring>

#include "engine/memory.h"

namespace goodbyte {

bool Octets::Append(const uint8_t* octets, size_t length) {
  if (length == 0) return true;
  const size_t end = block_ == nullptr ? 0 : block_->end;
  const size_t capacity = block_ == nullptr ? 0 : block_->capacity;
  const size_t needed = end + length;
  if (needed > capacity) {
    const size_t grown = needed > 2 * capacity ? needed : 2 * capacity;
    Block* moved =
        static_cast<Block*>(Reallocate(block_, sizeof(Block) + grown));
    if (moved == nullptr) return false;
    if (block_ == nullptr) moved->start = 0;
    moved->capacity = grown;
    block_ = moved;
  }
  std::memcpy(block_->octets() + end, octets, length);
  block_->end = needed;
  return true;
}

void Octets::Drop(size_t length) {
  block_->start += length;
  if (block_->start == block_->end) Clear();
}

void Octets::Clear() {
  std::free(block_);
  block_ = nullptr;
}

}  // namespace goodbyte
