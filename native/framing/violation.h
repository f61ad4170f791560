// Violations by a peer's octets below the fields (docs/wire-format.md §8).
// TypeScript makes the sentence for a person from these numbers.
#ifndef GOODBYTE_FRAMING_VIOLATION_H_
#define GOODBYTE_FRAMING_VIOLATION_H_

#include <cstdint>

namespace goodbyte::framing {

// The order is shared with src/provider/framed/native-violation.ts.
enum class Rule : uint8_t {
  kBadMagic = 0,
  kBadRole = 1,
  kBadVersion = 2,
  kTruncated = 3,
  kFrameTooLong = 4,
  kUnknownFrame = 5,
  kUnexpectedFrame = 6,
  kTrailingOctets = 7,
  // FIN before the last frame.
  kCut = 8,
  kProxyHeader = 9,
};

// Where a truncated connection ended.
enum class Cut : uint8_t { kPreface = 0, kHeader = 1, kPayload = 2 };

struct Violation {
  Rule rule;
  // The frame's type, if there is a frame.
  uint8_t type;
  // Details for the sentence:
  //  - kBadMagic: the first octets, four in `a` and four in `b`, the first of
  // all in the lowest bits; `count` is their number (9: more than 8).
  //  - kBadRole: `a` is the role.
  //  - kBadVersion: from `a` to `b`.
  //  - kTruncated: `count` is a Cut; `a` is how many octets of the preface
  //    came, or how many of the payload did not.
  //  - kFrameTooLong: `a` octets announced, `b` taken.
  //  - kUnexpectedFrame: `a` is 1 after the handshake, 0 in it.
  uint8_t count;
  uint32_t a;
  uint32_t b;
};

}  // namespace goodbyte::framing

#endif  // GOODBYTE_FRAMING_VIOLATION_H_
