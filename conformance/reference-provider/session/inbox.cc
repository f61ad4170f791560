#include "session/inbox.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace goodbyte::provider {

namespace {

// Small pieces of a stream are joined up to this.
constexpr size_t kJoined = 16 * 1024;

}  // namespace

void Inbox::Push(Octets piece) {
  octets_ += piece.size();
  if (!messages_) {
    if (piece.empty()) return;
    if (!pieces_.empty() && pieces_.back().size() + piece.size() <= kJoined) {
      Octets& last = pieces_.back();
      last.insert(last.end(), piece.begin(), piece.end());
      return;
    }
  }
  pieces_.push_back(std::move(piece));
}

size_t Inbox::Read(uint8_t* to, size_t room, bool peek, bool* partial) {
  *partial = false;
  size_t copied = 0;
  size_t from = read_;
  for (size_t i = 0; i < pieces_.size();) {
    const Octets& piece = pieces_[i];
    const size_t taken = std::min(room - copied, piece.size() - from);
    if (taken > 0) std::memcpy(to + copied, piece.data() + from, taken);
    copied += taken;
    from += taken;
    const bool rest = from < piece.size();
    if (!peek) {
      octets_ -= taken;
      read_ = rest ? from : 0;
      if (!rest) pieces_.pop_front();
    }
    if (messages_) {
      *partial = rest;
      break;
    }
    if (rest) break;
    from = 0;
    if (peek) i++;
  }
  return copied;
}

void Inbox::Clear() {
  pieces_.clear();
  read_ = 0;
  octets_ = 0;
}

}  // namespace goodbyte::provider
