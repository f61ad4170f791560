// Turns the octets of one direction into frames: preface, headers, limits and
// order. Its twin is src/provider/framed/decoder.ts; both report the same for
// the same octets.
//
// It allocates nothing and keeps no payload: its reports point into the given
// octets. It uses neither Node-API nor the operating system.
#ifndef GOODBYTE_FRAMING_DECODER_H_
#define GOODBYTE_FRAMING_DECODER_H_

#include <cstddef>
#include <cstdint>

#include "framing/violation.h"
#include "framing/wire.h"

namespace goodbyte::framing {

struct DecoderOptions {
  // The message limit that stands for a stream, whose data is reported as it
  // comes.
  static constexpr uint32_t kStream = UINT32_MAX;

  // The side whose octets are decoded.
  Role from = Role::kCaller;
  // The longest control frame payload taken, in octets.
  uint32_t control_limit = 0;
  // The longest message taken, in octets, or kStream.
  uint32_t message_limit = kStream;
  // Accept a peer without framing as a plain connection (§9).
  bool allow_plain = false;
  // Stop after CONNECT, and after recognising a plain peer, until Release:
  // later octets have no receiver before the verdict.
  bool hold_request = false;
};

// Pointers are valid until the call returns.
class DecoderSink {
 public:
  virtual void OnPreface(uint8_t min_version, uint8_t max_version) = 0;
  // The peer speaks no framing, which is allowed. `before` are octets of
  // earlier calls that precede later data; OnData does not report them again.
  virtual void OnPlain(const uint8_t* before, size_t length) = 0;
  // A whole control frame, or (type kData) a whole message.
  virtual void OnFrame(uint8_t type, const uint8_t* payload, size_t length) = 0;
  // The same when it does not come in one piece: `total` octets, in pieces.
  virtual void OnFrameStart(uint8_t type, uint32_t total) = 0;
  virtual void OnFramePiece(const uint8_t* piece, size_t length, bool last) = 0;
  // Octets of a stream, or of a plain peer.
  virtual void OnData(const uint8_t* data, size_t length) = 0;
  // The first broken rule. No event follows.
  virtual void OnViolation(const Violation& violation) = 0;

 protected:
  ~DecoderSink() = default;
};

class Decoder {
 public:
  explicit Decoder(const DecoderOptions& options) : options_(options) {}

  const DecoderOptions& options() const { return options_; }

  // Decodes octets. Returns the number taken: all of them, unless it holds. It
  // keeps none of the others.
  size_t Decode(const uint8_t* octets, size_t length, DecoderSink* sink);

  // Stops until Release after the present event.
  void Hold() { holding_ = true; }
  // The verdict has come: later octets are decoded.
  void Release() { holding_ = false; }
  bool holding() const { return holding_; }

  // The peer speaks no framing.
  bool plain() const { return state_ == State::kPlain; }

  // The peer's FIN: whether it cuts a preface, a frame or the connection, and
  // how.
  bool End(Violation* violation) const;

  // Drops all further octets.
  void Stop() {
    state_ = State::kStopped;
    holding_ = false;
  }

 private:
  enum class State : uint8_t {
    kPreface,
    kHeader,
    kStreamData,
    kWhole,
    kSkip,
    kPlain,
    // DISCONNECT, REJECT or RESET was the last frame: nothing may follow.
    kEnded,
    // Violated or stopped.
    kStopped,
    // No framing; perhaps a header of the PROXY protocol.
    kStranger,
  };

  // Each returns how many octets it took. A length is never 0.
  size_t ReadPreface(const uint8_t* octets, size_t length, DecoderSink* sink);
  size_t ReadStranger(const uint8_t* octets, size_t length, DecoderSink* sink);
  size_t ReadHeader(const uint8_t* octets, size_t length, DecoderSink* sink);
  size_t ReadStreamData(const uint8_t* octets, size_t length,
                        DecoderSink* sink);
  size_t ReadWhole(const uint8_t* octets, size_t length, DecoderSink* sink);
  size_t Skip(size_t length);

  size_t NotFraming(size_t at, DecoderSink* sink);
  void StartFrame(const uint8_t* header, const uint8_t* behind,
                  DecoderSink* sink);
  bool MayCome() const;
  void StartWhole(const uint8_t* payload, uint32_t length, uint32_t limit,
                  DecoderSink* sink);
  void LeaveFrame();
  void Fail(const Violation& violation, DecoderSink* sink);

  DecoderOptions options_;
  State state_ = State::kPreface;
  // Past CONNECT, or past ACCEPT: DATA and DISCONNECT may come (§7.1).
  bool body_ = false;
  bool holding_ = false;
  // Some pieces of the frame were reported.
  bool started_ = false;
  uint8_t type_ = 0;
  // Octets of the preface or of a frame header that was cut.
  uint8_t scratch_length_ = 0;
  uint8_t scratch_[kPrefaceLength] = {};
  // Octets of the payload that have not come yet.
  uint32_t missing_ = 0;
};

}  // namespace goodbyte::framing

#endif  // GOODBYTE_FRAMING_DECODER_H_
