// The memory that connections read into. JavaScript allocates it and hands it
// over; octets read are reported as slab, offset and length, and copied out. A
// piece that is alone in its slab, and fills most of it, takes over the slab:
// then another one has to replace it. When JavaScript has received everything,
// the remaining slabs are free again.
#ifndef GOODBYTE_ENGINE_SLABS_H_
#define GOODBYTE_ENGINE_SLABS_H_

#include <cstddef>
#include <cstdint>

namespace goodbyte {

class Slabs {
 public:
  // Bounds the octets that are read before JavaScript receives them.
  static constexpr uint32_t kMost = 16;
  // Octets of a slab: less is not worth a read of its own.
  static constexpr size_t kLeast = 4096;

  // The index of a missing slab; -1: none is missing.
  int32_t Missing() const;
  // Puts a slab there, and only there. JavaScript keeps `base` alive until a
  // piece takes over the slab.
  void Set(uint32_t index, uint8_t* base, size_t size);
  // A read found all slabs taken over by pieces.
  bool starved() const { return wanted_ && given_ == count_; }

  // Room to read into, `*length` octets of it; nullptr: no room is left until
  // JavaScript runs. `alone`: preferably in an unused slab. Nothing is used
  // before Commit.
  uint8_t* Reserve(size_t* length, bool alone);
  void Commit(size_t length) {
    Slab& slab = slabs_[current_];
    slab.used += length;
    slab.reads++;
  }

  // The slab of the last Reserve.
  uint32_t current() const { return current_; }
  uint32_t OffsetOf(const uint8_t* octets) const {
    return static_cast<uint32_t>(octets - slabs_[current_].base);
  }
  // The same, for one more piece of its slab.
  uint32_t Place(const uint8_t* octets) {
    slabs_[current_].pieces++;
    return OffsetOf(octets);
  }
  uint8_t* At(uint32_t index, uint32_t offset) const {
    return slabs_[index].base + offset;
  }

  // Whether that many octets are worth a slab of their own.
  bool IsMost(size_t length) const {
    return 2 * length >= slabs_[current_].size;
  }
  // Whether the only piece of the last Commit, of that many octets, takes over
  // its slab. Its owner can see the whole slab, so it must not contain octets
  // sent to others.
  bool GiveWith(size_t length);

  // Everything read has been taken out.
  void Recycle();

 private:
  struct Slab {
    // nullptr: a piece took it over.
    uint8_t* base;
    size_t size;
    size_t used;
    uint32_t reads;
    uint32_t pieces;
  };

  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t Find(bool alone) const;

  Slab slabs_[kMost] = {};
  uint32_t count_ = 0;
  uint32_t given_ = 0;
  uint32_t current_ = 0;
  // The requested room was not available.
  bool wanted_ = true;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_SLABS_H_
