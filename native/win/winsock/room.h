// A buffer that a provider fills with user data.
//
// Some report success and touch neither the octets nor `len` (Wine's own does):
// the buffer is marked beforehand, so that unwritten octets are not taken for
// data. A buffer of few octets may be filled with its own mark by chance; then
// the provider is believed if it declares such data.
#ifndef GOODBYTE_WIN_WINSOCK_ROOM_H_
#define GOODBYTE_WIN_WINSOCK_ROOM_H_

#include <winsock2.h>

#include <cstddef>
#include <cstdint>

namespace goodbyte::winsock {

class Room {
 public:
  Room() = default;
  ~Room() { Clear(); }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

  // False: no memory.
  bool Reserve(size_t capacity);
  void Clear();

  WSABUF* buffer() { return &buffer_; }
  // The octets filled in by a provider that declares such data or does not; 0:
  // no data.
  size_t LengthBy(bool declares) const;
  // The provider's `len`, whatever it means.
  ULONG reported() const { return buffer_.len; }
  const uint8_t* octets() const {
    return reinterpret_cast<const uint8_t*>(buffer_.buf);
  }

 private:
  bool IsUntouched() const;

  WSABUF buffer_ = {};
  size_t capacity_ = 0;
  uint32_t mark_ = 0;
};

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_ROOM_H_
