// Octets that grow.
#ifndef GOODBYTE_ENGINE_OCTETS_H_
#define GOODBYTE_ENGINE_OCTETS_H_

#include <cstddef>
#include <cstdint>

namespace goodbyte {

class Octets {
 public:
  Octets() = default;
  ~Octets() { Clear(); }
  Octets(const Octets&) = delete;
  Octets& operator=(const Octets&) = delete;

  // Whether there are any.
  const uint8_t* data() const { return block_->octets() + block_->start; }
  size_t size() const {
    return block_ == nullptr ? 0 : block_->end - block_->start;
  }
  bool empty() const { return block_ == nullptr; }

  // False: no memory, and nothing was appended.
  bool Append(const uint8_t* octets, size_t length);
  // Removes `length` octets from the front, which must exist.
  void Drop(size_t length);
  // Gives the memory back.
  void Clear();

 private:
  // Lies before the octets: most connections never hold any.
  struct Block {
    size_t start;
    size_t end;
    size_t capacity;

    uint8_t* octets() { return reinterpret_cast<uint8_t*>(this + 1); }
  };

  // nullptr without octets.
  Block* block_ = nullptr;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_OCTETS_H_
