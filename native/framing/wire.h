// The numbers of docs/wire-format.md that a frame transport needs. Their twin
// is src/provider/framed/wire.ts.
#ifndef GOODBYTE_FRAMING_WIRE_H_
#define GOODBYTE_FRAMING_WIRE_H_

#include <cstddef>
#include <cstdint>

namespace goodbyte::framing {

// §3: no ASCII, no UTF-8, no TLS record type; then "GBYE".
inline constexpr uint8_t kMagic[] = {0xf6, 0x47, 0x42, 0x59, 0x45};
inline constexpr size_t kPrefaceLength = 8;

enum class Role : uint8_t { kCaller = 1, kCallee = 2 };

// §4: type (1 octet), payload length (3 octets, big-endian).
inline constexpr size_t kFrameHeaderLength = 4;
inline constexpr uint32_t kMaxFramePayload = 0xffffff;

// §4.2: set in types that a receiver may skip.
inline constexpr uint8_t kIgnorable = 0x80;

enum FrameType : uint8_t {
  kConnect = 0x01,
  kAccept = 0x02,
  kReject = 0x03,
  kData = 0x04,
  kDisconnect = 0x05,
  kReset = 0x06,
  kNotice = 0x81,
  kPing = 0x82,
  kPong = 0x83,
};

// §7.9: octets of a PING, and so of a PONG.
inline constexpr uint32_t kMaxPing = 255;

}  // namespace goodbyte::framing

#endif  // GOODBYTE_FRAMING_WIRE_H_
