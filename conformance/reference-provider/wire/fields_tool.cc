// Prints the codec's view of a payload, for
// test/native/reference-provider/fields.test.ts. A line on stdin is the frame's
// type, the limit of user data and the payload, in hexadecimal but for the
// limit; a line on stdout is the violation's name, or the payload that the
// decoded fields encode to.
#include <cstdio>
#include <string>

#include "wire/fields.h"

namespace {

using goodbyte::provider::Octets;

Octets OctetsOf(const char* hex) {
  Octets octets;
  unsigned octet;
  for (; std::sscanf(hex, "%2x", &octet) == 1; hex += 2) {
    octets.push_back(static_cast<uint8_t>(octet));
  }
  return octets;
}

}  // namespace

int main() {
  static char line[1 << 19];
  while (std::fgets(line, sizeof line, stdin) != nullptr) {
    unsigned type;
    size_t limit;
    int at = 0;
    if (std::sscanf(line, "%2x %zu %n", &type, &limit, &at) != 2) return 1;
    const Octets payload = OctetsOf(line + at);
    goodbyte::provider::Fields fields;
    const uint8_t frame = static_cast<uint8_t>(type);
    const char* broken = goodbyte::provider::DecodeFields(
        frame, payload.data(), payload.size(), limit, &fields);
    if (broken != nullptr) {
      std::printf("%s\n", broken);
    } else {
      const Octets encoded = goodbyte::provider::EncodeFrame(frame, fields);
      for (size_t i = goodbyte::framing::kFrameHeaderLength;
           i < encoded.size(); i++) {
        std::printf("%02x", encoded[i]);
      }
      std::printf("\n");
    }
    std::fflush(stdout);
  }
  return 0;
}
