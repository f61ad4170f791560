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

  const uint8_t* data() const { return data_ + start_; }
  size_t size() const { return end_ - start_; }
  bool empty() const { return start_ == end_; }

  // False: no memory, and nothing was appended.
  bool Append(const uint8_t* octets, size_t length);
  // Takes `length` octets off the front.
  void Drop(size_t length);
  // Gives the memory back.
  void Clear();

 private:
  uint8_t* data_ = nullptr;
  size_t start_ = 0;
  size_t end_ = 0;
  size_t capacity_ = 0;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_OCTETS_H_
