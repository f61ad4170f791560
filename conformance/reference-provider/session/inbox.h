// Received and not yet read: octets of a stream, or whole messages.
#ifndef GOODBYTE_REFERENCE_PROVIDER_SESSION_INBOX_H_
#define GOODBYTE_REFERENCE_PROVIDER_SESSION_INBOX_H_

#include <cstddef>
#include <deque>

#include "wire/fields.h"

namespace goodbyte::provider {

class Inbox {
 public:
  explicit Inbox(bool messages) : messages_(messages) {}

  bool empty() const { return pieces_.empty(); }
  size_t octets() const { return octets_; }
  // Its memory cost: empty messages are not free.
  size_t weight() const { return octets_ + 64 * pieces_.size(); }

  void Push(Octets piece);
  // Copies out up to `room` octets: of a stream all that fits, of messages from
  // the first one. `partial`: that message continues.
  size_t Read(uint8_t* to, size_t room, bool peek, bool* partial);
  void Clear();

 private:
  bool messages_;
  std::deque<Octets> pieces_;
  // Octets of the first piece that have been read.
  size_t read_ = 0;
  size_t octets_ = 0;
};

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SESSION_INBOX_H_
