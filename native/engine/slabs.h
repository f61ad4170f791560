// The memory that connections read into. JavaScript allocates it and hands it
// over; what was read is told as slab, offset and length, and when JavaScript
// has heard of all it says which slabs are free again.
#ifndef GOODBYTE_ENGINE_SLABS_H_
#define GOODBYTE_ENGINE_SLABS_H_

#include <cstddef>
#include <cstdint>

namespace goodbyte {

class Slabs {
 public:
  static constexpr uint32_t kMost = 32;

  // JavaScript keeps `base` alive until it sets another in its place.
  void Set(uint32_t index, uint8_t* base, size_t size);

  // Room to read into, `*length` octets of it; nullptr: none is left until
  // JavaScript is told. Nothing is taken before Commit.
  uint8_t* Reserve(size_t* length);
  void Commit(size_t length) { slabs_[current_].used += length; }

  // Where what lies at `octets`, in the room of the last Reserve, is.
  uint32_t current() const { return current_; }
  uint32_t OffsetOf(const uint8_t* octets) const {
    return static_cast<uint32_t>(octets - slabs_[current_].base);
  }
  uint8_t* At(uint32_t index, uint32_t offset) const {
    return slabs_[index].base + offset;
  }

  // All that was read has been taken out, or its slab was replaced.
  void Recycle();
  // There was no room when somebody asked, since the last call.
  bool TakeExhausted();

 private:
  struct Slab {
    uint8_t* base;
    size_t size;
    size_t used;
  };
  Slab slabs_[kMost] = {};
  uint32_t count_ = 0;
  uint32_t current_ = 0;
  bool exhausted_ = false;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_SLABS_H_
