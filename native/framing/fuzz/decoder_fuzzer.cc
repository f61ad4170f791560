// libFuzzer's target for the decoder; scripts/fuzz.mjs builds and runs it.
//
// An input: flags (1 octet), a seed (1), control limit (4), message limit (4),
// then the octets of a direction. Numbers are big-endian. The seed decides how
// the octets are cut, and where the sink stops the decoder.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "framing/decoder.h"

namespace {

using goodbyte::framing::Decoder;
using goodbyte::framing::DecoderOptions;
using goodbyte::framing::DecoderSink;
using goodbyte::framing::kConnect;
using goodbyte::framing::kData;
using goodbyte::framing::kMagic;
using goodbyte::framing::kMaxPing;
using goodbyte::framing::kNotice;
using goodbyte::framing::kPing;
using goodbyte::framing::kPong;
using goodbyte::framing::kReset;
using goodbyte::framing::Role;
using goodbyte::framing::Rule;
using goodbyte::framing::Violation;

constexpr size_t kHeaderLength = 10;
constexpr unsigned kFromCallee = 1;
constexpr unsigned kMessages = 2;
constexpr unsigned kAllowPlain = 4;
constexpr unsigned kFin = 8;

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

using Octets = std::vector<uint8_t>;

// Records the sink's calls, in a form that does not depend on segmentation.
class Listener final : public DecoderSink {
 public:
  explicit Listener(const DecoderOptions& options) : options_(options) {}

  // The sink's reaction to a request, and the call (counted from 1) at which it
  // stops the decoder.
  bool release_at_once = false;
  unsigned stop_at = 0;

  void OnPreface(uint8_t min_version, uint8_t max_version) override {
    Called();
    Require(min_version > 0 && min_version <= max_version, "a range");
    Add('P', {min_version, max_version});
  }
  void OnPlain(const uint8_t* before, size_t length) override {
    Called();
    Require(options_.allow_plain, "plain peers are allowed");
    Require(log_.empty(), "nothing comes before a plain peer");
    Require(
        length < sizeof kMagic && std::equal(before, before + length, kMagic),
        "what came before agrees with the magic");
    Add('p', {});
    if (length > 0) AddData({before, before + length});
    MayRelease();
  }
  void OnFrame(uint8_t type, const uint8_t* payload, size_t length) override {
    Called();
    RequireInside(payload, length);
    AddFrame(type, {payload, payload + length});
  }
  void OnFrameStart(uint8_t type, uint32_t total) override {
    Called();
    Require(total > 0, "a payload in pieces has octets");
    Require(total <= LimitOf(type), "a payload is within its limit");
    open_ = true;
    type_ = type;
    total_ = total;
    payload_.clear();
  }
  void OnFramePiece(const uint8_t* piece, size_t length, bool last) override {
    // The frame is open until its last piece: see Called.
    Require(open_, "a piece belongs to a frame");
    open_ = false;
    Called();
    RequireInside(piece, length);
    Require(length > 0, "a piece has octets");
    payload_.insert(payload_.end(), piece, piece + length);
    Require(last == (payload_.size() == total_), "the last piece is the last");
    if (last) {
      AddFrame(type_, payload_);
    } else {
      open_ = true;
    }
  }
  void OnData(const uint8_t* data, size_t length) override {
    Called();
    RequireInside(data, length);
    Require(length > 0, "data has octets");
    Require(options_.message_limit == DecoderOptions::kStream,
            "messages are whole");
    AddData({data, data + length});
  }
  void OnViolation(const Violation& violation) override {
    Called();
    Require(violation.rule != Rule::kTruncated, "a FIN is told by End");
    AddViolation(violation);
  }

  // Gives the decoder some octets; returns those that it did not take.
  Octets Give(Decoder* decoder, const Octets& octets) {
    decoder_ = decoder;
    // A copy of the exact size, so that AddressSanitizer sees reads past its end.
    std::unique_ptr<uint8_t[]> chunk(new uint8_t[octets.size()]);
    std::copy(octets.begin(), octets.end(), chunk.get());
    begin_ = chunk.get();
    end_ = begin_ + octets.size();
    const bool held = decoder->holding();
    const size_t taken = decoder->Decode(begin_, octets.size(), this);
    begin_ = end_ = nullptr;
    Require(taken <= octets.size(), "takes what is there");
    if (held) Require(taken == 0, "takes nothing while it holds");
    if (!decoder->holding()) Require(taken == octets.size(), "takes all");
    return {octets.begin() + static_cast<ptrdiff_t>(taken), octets.end()};
  }

  void End(Decoder* decoder) {
    Violation violation;
    if (!decoder->End(&violation)) {
      Add('E', {});
      return;
    }
    Require(!broken_, "what was violated is not cut as well");
    // §3.1: the start of a PROXY header that never ends is a bad preface.
    Require(violation.rule == Rule::kTruncated ||
                violation.rule == Rule::kCut ||
                violation.rule == Rule::kBadMagic,
            "a FIN cuts");
    Require(violation.rule != Rule::kCut || !open_, "cut between frames");
    Require(!open_ || violation.a == total_ - payload_.size(),
            "what is missing is what was not told");
    AddViolation(violation);
  }

  bool broken() const { return broken_; }
  bool stopped() const { return stop_at > 0 && calls_ >= stop_at; }
  const std::string& log() const { return log_; }

 private:
  void Called() {
    Require(!broken_, "nothing follows a violation");
    Require(!open_, "nothing stands inside of a frame");
    Require(!stopped(), "nothing is told once stopped");
    calls_++;
    if (stopped()) decoder_->Stop();
  }

  void RequireInside(const uint8_t* octets, size_t length) const {
    Require(octets >= begin_ && octets <= end_ &&
                length <= static_cast<size_t>(end_ - octets),
            "what is told is inside of what was given");
  }

  void MayRelease() {
    if (options_.hold_request && !stopped()) {
      Require(decoder_->holding(), "a request holds");
      if (release_at_once) decoder_->Release();
    }
  }

  uint32_t LimitOf(uint8_t type) const {
    if (type == kData) return options_.message_limit;
    return type == kPing || type == kPong ? kMaxPing : options_.control_limit;
  }

  void AddFrame(uint8_t type, const Octets& payload) {
    Require((type >= kConnect && type <= kReset) ||
                (type >= kNotice && type <= kPong),
            "a frame is known");
    Require(payload.size() <= LimitOf(type), "a frame is within its limit");
    Require(type != kData || options_.message_limit != DecoderOptions::kStream,
            "a stream has no messages");
    Add('F', {type});
    Add('=', payload);
    if (type == kConnect) MayRelease();
  }

  void AddData(const Octets& data) {
    if (!in_data_) Add('D', {});
    in_data_ = true;
    log_.append(data.begin(), data.end());
  }

  void AddViolation(const Violation& violation) {
    broken_ = true;
    Add('V', {static_cast<uint8_t>(violation.rule), violation.type});
    // A stranger's octets are shown as far as they came together.
    if (violation.rule == Rule::kBadMagic) return;
    Add('=', {violation.count});
    log_ += std::to_string(violation.a) + ',' + std::to_string(violation.b);
  }

  void Add(char what, const Octets& octets) {
    in_data_ = false;
    log_ += what;
    log_ += std::to_string(octets.size()) + ':';
    log_.append(octets.begin(), octets.end());
  }

  const DecoderOptions options_;
  Decoder* decoder_ = nullptr;
  const uint8_t* begin_ = nullptr;
  const uint8_t* end_ = nullptr;
  unsigned calls_ = 0;
  bool broken_ = false;
  bool in_data_ = false;
  bool open_ = false;
  uint8_t type_ = 0;
  uint32_t total_ = 0;
  Octets payload_;
  std::string log_;
};

// Chunk lengths: mostly short, so that headers are cut too.
class Cutter {
 public:
  explicit Cutter(uint8_t seed) : state_(seed * 2654435761u + 1) {}
  size_t Next(size_t left) {
    state_ = state_ * 1664525u + 1013904223u;
    const uint32_t value = state_ >> 16;
    const size_t longest = (value & 7) == 0 ? 300 : 9;
    return std::min(left, (value >> 3) % longest);
  }

 private:
  uint32_t state_;
};

// Without a cutter everything comes at once.
void Run(Decoder* decoder, Listener* listener, const Octets& octets,
         Cutter* cutter, bool fin) {
  Octets held;
  unsigned holds = 0;
  for (size_t at = 0; at < octets.size();) {
    const size_t left = octets.size() - at;
    const size_t length = cutter ? cutter->Next(left) : left;
    const Octets chunk(octets.begin() + static_cast<ptrdiff_t>(at),
                       octets.begin() + static_cast<ptrdiff_t>(at + length));
    at += length;
    const Octets rest = listener->Give(decoder, chunk);
    held.insert(held.end(), rest.begin(), rest.end());
  }
  while (decoder->holding()) {
    Require(++holds == 1, "one request holds once");
    decoder->Release();
    held = listener->Give(decoder, held);
  }
  Require(held.empty(), "nothing is left");
  if (fin && !listener->broken()) listener->End(decoder);
}

uint32_t NumberAt(const uint8_t* octets) {
  return static_cast<uint32_t>(octets[0]) << 24 |
         static_cast<uint32_t>(octets[1]) << 16 |
         static_cast<uint32_t>(octets[2]) << 8 | octets[3];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* input, size_t length) {
  if (length < kHeaderLength) return 0;
  const uint8_t flags = input[0];
  const uint8_t seed = input[1];
  DecoderOptions options;
  options.from = (flags & kFromCallee) != 0 ? Role::kCallee : Role::kCaller;
  options.control_limit = NumberAt(input + 2);
  options.message_limit =
      (flags & kMessages) != 0 ? NumberAt(input + 6) : DecoderOptions::kStream;
  options.allow_plain = (flags & kAllowPlain) != 0;
  const bool fin = (flags & kFin) != 0;
  const Octets octets(input + kHeaderLength, input + length);

  std::string whole;
  bool first = true;
  for (const bool hold : {false, true}) {
    options.hold_request = hold;
    for (const bool release_at_once : {false, true}) {
      for (const bool cut : {false, true}) {
        Cutter cutter(seed);
        Decoder decoder(options);
        Listener listener(options);
        listener.release_at_once = release_at_once;
        Run(&decoder, &listener, octets, cut ? &cutter : nullptr, fin);
        if (first) whole = listener.log();
        first = false;
        Require(listener.log() == whole, "the same however it is cut");
      }
    }
    Cutter cutter(seed);
    Decoder decoder(options);
    Listener listener(options);
    listener.stop_at = 1 + seed % 8;
    Run(&decoder, &listener, octets, &cutter, false);
  }
  return 0;
}
