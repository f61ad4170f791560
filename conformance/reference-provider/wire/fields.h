// The fields of control frames (docs/wire-format.md §5 and §7), and their
// framing. Octets only, independent of the operating system.
#ifndef GOODBYTE_REFERENCE_PROVIDER_WIRE_FIELDS_H_
#define GOODBYTE_REFERENCE_PROVIDER_WIRE_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "framing/violation.h"
#include "framing/wire.h"

namespace goodbyte::provider {

using Octets = std::vector<uint8_t>;

// §5.5: the limits of a handshake frame's sender, in octets.
struct Limits {
  uint16_t handshake_data = 0;
  uint16_t disconnect_data = 0;
  uint32_t message = 0;
};

// §5.4: two flow specifications of eight numbers each, as the caller sees them.
struct FlowSpecs {
  uint32_t sending[8] = {};
  uint32_t receiving[8] = {};
  Octets provider_specific;
};

struct Fields {
  std::optional<Octets> user_data;
  std::optional<Octets> user_options;
  std::optional<uint8_t> socket_type;
  std::optional<FlowSpecs> qos;
  std::optional<Limits> limits;
  std::optional<uint16_t> status;
  std::optional<std::string> reason;
  std::optional<uint32_t> code;
  // 0 and 1; any other value is ignored.
  std::optional<uint8_t> repeat;
  // Milliseconds of silence that the sender tolerates; 0: no limit.
  std::optional<uint32_t> idle_limit;
};

// §5.4: the most octets of provider-specific QOS.
inline constexpr size_t kMostProviderSpecific = 512;
inline constexpr size_t kMostUserData = 65535;

// A control frame, in the canonical order; empty fields are left out.
Octets EncodeFrame(uint8_t type, const Fields& fields);

// The header of a DATA frame.
void AppendDataHeader(size_t length, Octets* out);
Octets EncodePreface(framing::Role role, uint8_t lowest, uint8_t highest);

// Decodes the payload of a frame of this type and keeps the fields that have a
// meaning in it. Returns nullptr, or the name of the violation (§8).
// `user_data_limit`: octets of user data, and of options, taken in this frame.
const char* DecodeFields(uint8_t type, const uint8_t* payload, size_t length,
                         size_t user_data_limit, Fields* fields);

// §8's name of what the decoder found.
const char* NameOf(framing::Rule rule);

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_WIRE_FIELDS_H_
