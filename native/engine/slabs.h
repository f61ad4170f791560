// The memory that connections read into. JavaScript allocates it and hands it
// over; what was read is told as slab, offset and length, and is copied out. A
// piece that is alone in its slab, and most of it, takes the slab along: then
// another has to come in its place. When JavaScript has received all, the slabs
// that are left are free again.
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

  // Where a slab has to come; -1: nowhere.
  int32_t Missing() const;
  // There, and only there. JavaScript keeps `base` alive until the slab goes
  // with a piece.
  void Set(uint32_t index, uint8_t* base, size_t size);
  // Somebody wanted to read, and all slabs went with pieces.
  bool starved() const { return wanted_ && given_ == count_; }

  // Room to read into, `*length` octets of it; nullptr: none is left until
  // JavaScript is told. `alone`: rather where nothing else was read. Nothing is
  // taken before Commit.
  uint8_t* Reserve(size_t* length, bool alone);
  void Commit(size_t length) {
    Slab& slab = slabs_[current_];
    slab.used += length;
    slab.reads++;
  }

  // Of the last Reserve.
  uint32_t current() const { return current_; }
  uint32_t OffsetOf(const uint8_t* octets) const {
    return static_cast<uint32_t>(octets - slabs_[current_].base);
  }
  // The same, of what is one more piece of its slab.
  uint32_t Place(const uint8_t* octets) {
    slabs_[current_].pieces++;
    return OffsetOf(octets);
  }
  uint8_t* At(uint32_t index, uint32_t offset) const {
    return slabs_[index].base + offset;
  }

  // So many octets are worth a slab of their own.
  bool IsMost(size_t length) const {
    return 2 * length >= slabs_[current_].size;
  }
  // Whether the only piece of the last Commit, of so many octets, takes its
  // slab along. Who has the piece can see the whole slab: nothing is left in
  // there that others were sent.
  bool GiveWith(size_t length);

  // All that was read has been taken out.
  void Recycle();

 private:
  struct Slab {
    // nullptr: it went with a piece.
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
  // There was not what somebody asked for.
  bool wanted_ = true;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_SLABS_H_
