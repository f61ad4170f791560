// Prints the decoder's events, for test/native/framing.test.ts. One process
// serves any number of cases: each comes in on stdin and gets one line.
//
// A case: from (1 octet), flags (1), control limit (4), message limit (4), the
// number of chunks (4), and for each chunk its length (4) and its octets.
// Numbers are big-endian.
//
// A line: {"events":[...],"broken":[rule,type,count,a,b]}; `broken` is null for
// valid octets. Events are the sink's calls, payloads in hexadecimal.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "framing/decoder.h"

namespace {

using goodbyte::framing::Decoder;
using goodbyte::framing::DecoderOptions;
using goodbyte::framing::DecoderSink;
using goodbyte::framing::Role;
using goodbyte::framing::Violation;

constexpr unsigned kAllowPlain = 1;
constexpr unsigned kHoldRequest = 2;
constexpr unsigned kFin = 4;

[[noreturn]] void Die(const char* why) {
  std::fprintf(stderr, "decoder_tool: %s\n", why);
  std::exit(1);
}

bool Read(uint8_t* to, size_t length) {
  return std::fread(to, 1, length, stdin) == length;
}

uint32_t ReadNumber() {
  uint8_t octets[4];
  if (!Read(octets, sizeof octets)) Die("a case is cut");
  return static_cast<uint32_t>(octets[0]) << 24 |
         static_cast<uint32_t>(octets[1]) << 16 |
         static_cast<uint32_t>(octets[2]) << 8 | octets[3];
}

std::string Hex(const uint8_t* octets, size_t length) {
  static const char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * length);
  for (size_t i = 0; i < length; i++) {
    hex += kDigits[octets[i] >> 4];
    hex += kDigits[octets[i] & 15];
  }
  return hex;
}

class Writer final : public DecoderSink {
 public:
  void OnPreface(uint8_t min_version, uint8_t max_version) override {
    Add("preface", "\"min\":" + std::to_string(min_version) +
                       ",\"max\":" + std::to_string(max_version));
  }
  void OnPlain(const uint8_t* before, size_t length) override {
    Add("plain", "\"before\":\"" + Hex(before, length) + '"');
  }
  void OnFrame(uint8_t type, const uint8_t* payload, size_t length) override {
    Add("frame", "\"type\":" + std::to_string(type) + ",\"hex\":\"" +
                     Hex(payload, length) + '"');
  }
  void OnFrameStart(uint8_t type, uint32_t total) override {
    Add("start", "\"type\":" + std::to_string(type) +
                     ",\"total\":" + std::to_string(total));
  }
  void OnFramePiece(const uint8_t* piece, size_t length, bool last) override {
    Add("piece", "\"hex\":\"" + Hex(piece, length) +
                     "\",\"last\":" + (last ? "true" : "false"));
  }
  void OnData(const uint8_t* data, size_t length) override {
    Add("data", "\"hex\":\"" + Hex(data, length) + '"');
  }
  void OnViolation(const Violation& violation) override {
    if (!broken_.empty()) Die("two violations");
    broken_ = '[' + std::to_string(static_cast<unsigned>(violation.rule)) +
              ',' + std::to_string(violation.type) + ',' +
              std::to_string(violation.count) + ',' +
              std::to_string(violation.a) + ',' + std::to_string(violation.b) +
              ']';
  }

  void OnEnd() { Add("end", ""); }

  bool broken() const { return !broken_.empty(); }

  void Print() const {
    std::printf("{\"events\":[%s],\"broken\":%s}\n", events_.c_str(),
                broken_.empty() ? "null" : broken_.c_str());
    std::fflush(stdout);
  }

 private:
  void Add(const char* event, const std::string& members) {
    if (broken()) Die("an event behind a violation");
    if (!events_.empty()) events_ += ',';
    events_ += std::string("{\"event\":\"") + event + '"';
    if (!members.empty()) events_ += ',' + members;
    events_ += '}';
  }

  std::string events_;
  std::string broken_;
};

// Returns the octets that the decoder did not take.
std::vector<uint8_t> Decode(Decoder* decoder,
                            const std::vector<uint8_t>& octets,
                            Writer* writer) {
  const size_t taken = decoder->Decode(octets.data(), octets.size(), writer);
  if (taken > octets.size()) Die("took more than was given");
  if (taken < octets.size() && !decoder->holding()) Die("took too little");
  return {octets.begin() + static_cast<ptrdiff_t>(taken), octets.end()};
}

// Octets after a request are kept until all have come, as if the verdict took
// that long.
void RunCase(Role from) {
  uint8_t flags;
  if (!Read(&flags, 1)) Die("a case is cut");
  DecoderOptions options;
  options.from = from;
  options.control_limit = ReadNumber();
  options.message_limit = ReadNumber();
  options.allow_plain = (flags & kAllowPlain) != 0;
  options.hold_request = (flags & kHoldRequest) != 0;

  Decoder decoder(options);
  Writer writer;
  std::vector<uint8_t> rest;
  for (uint32_t left = ReadNumber(); left > 0; left--) {
    // Each chunk has its own vector, so that a sanitizer sees its end.
    std::vector<uint8_t> chunk(ReadNumber());
    if (!Read(chunk.data(), chunk.size())) Die("a case is cut");
    if (decoder.holding()) {
      rest.insert(rest.end(), chunk.begin(), chunk.end());
    } else {
      rest = Decode(&decoder, chunk, &writer);
    }
  }
  if (decoder.holding()) {
    decoder.Release();
    rest = Decode(&decoder, rest, &writer);
  }
  if (!rest.empty()) Die("held twice");
  if ((flags & kFin) != 0 && !writer.broken()) {
    Violation violation;
    if (decoder.End(&violation)) {
      writer.OnViolation(violation);
    } else {
      writer.OnEnd();
    }
  }
  writer.Print();
}

}  // namespace

int main() {
  for (uint8_t from; Read(&from, 1);) {
    if (from != 1 && from != 2) Die("no such role");
    RunCase(static_cast<Role>(from));
  }
  return 0;
}
