#include "framing/decoder.h"

#include <algorithm>
#include <cstring>

namespace goodbyte::framing {

namespace {

// The number of a stranger's first octets that a sentence shows.
constexpr size_t kShown = 8;

Violation BadMagic(const uint8_t* before, size_t before_length,
                   const uint8_t* octets, size_t length) {
  Violation broken = {Rule::kBadMagic, 0, 0, 0, 0};
  const size_t came = before_length + length;
  broken.count = static_cast<uint8_t>(std::min(came, kShown + 1));
  for (size_t i = 0; i < std::min(came, kShown); i++) {
    const uint32_t octet =
        i < before_length ? before[i] : octets[i - before_length];
    (i < 4 ? broken.a : broken.b) |= octet << (8 * (i % 4));
  }
  return broken;
}

// §3.1: the beginnings of PROXY protocol headers, version 1 and 2.
struct Signature {
  uint8_t octets[8];
  size_t length;
};
constexpr Signature kProxySignatures[] = {
    {{0x50, 0x52, 0x4f, 0x58, 0x59, 0x20}, 6},
    {{0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51}, 8},
};

}  // namespace

size_t Decoder::Decode(const uint8_t* octets, size_t length,
                       DecoderSink* sink) {
  size_t at = 0;
  // The sink may call Release and Stop, so state and hold are read anew each
  // time.
  while (at < length && !holding_) {
    const uint8_t* next = octets + at;
    const size_t left = length - at;
    switch (state_) {
      case State::kPreface:
        at += ReadPreface(next, left, sink);
        break;
      case State::kStranger:
        at += ReadStranger(next, left, sink);
        break;
      case State::kHeader:
        at += ReadHeader(next, left, sink);
        break;
      case State::kStreamData:
        at += ReadStreamData(next, left, sink);
        break;
      case State::kWhole:
        at += ReadWhole(next, left, sink);
        break;
      case State::kSkip:
        at += Skip(left);
        break;
      case State::kPlain:
        sink->OnData(next, left);
        return length;
      case State::kEnded:
        Fail({Rule::kTrailingOctets, type_, 0, 0, 0}, sink);
        return length;
      case State::kStopped:
        return length;
    }
  }
  return at;
}

bool Decoder::End(Violation* violation) const {
  *violation = {Rule::kTruncated, 0, 0, 0, 0};
  switch (state_) {
    case State::kPreface:
      violation->count = static_cast<uint8_t>(Cut::kPreface);
      violation->a = scratch_length_;
      // §3.3: an end before the first octet is a health check.
      return scratch_length_ > 0;
    case State::kHeader:
      violation->count = static_cast<uint8_t>(Cut::kHeader);
      if (scratch_length_ > 0) return true;
      *violation = {Rule::kCut, 0, 0, 0, 0};
      // §7.2: before the verdict it is a withdrawal.
      return body_ && !holding_;
    case State::kStranger:
      *violation = BadMagic(scratch_, scratch_length_, nullptr, 0);
      return true;
    case State::kStreamData:
    case State::kWhole:
    case State::kSkip:
      violation->count = static_cast<uint8_t>(Cut::kPayload);
      violation->type = type_;
      violation->a = missing_;
      return true;
    case State::kPlain:
    case State::kEnded:
    case State::kStopped:
      return false;
  }
  return false;
}

void Decoder::Fail(const Violation& violation, DecoderSink* sink) {
  Stop();
  sink->OnViolation(violation);
}

size_t Decoder::ReadPreface(const uint8_t* octets, size_t length,
                            DecoderSink* sink) {
  size_t at = 0;
  for (; at < length && scratch_length_ < kPrefaceLength; at++) {
    // §3.1: a stranger is recognised by the first octet that differs, and may
    // send no more before it has an answer.
    if (scratch_length_ < sizeof(kMagic) &&
        octets[at] != kMagic[scratch_length_]) {
      return NotFraming(at, sink);
    }
    scratch_[scratch_length_++] = octets[at];
  }
  if (scratch_length_ < kPrefaceLength) return at;

  scratch_length_ = 0;
  const uint8_t role = scratch_[5];
  const uint8_t min_version = scratch_[6];
  const uint8_t max_version = scratch_[7];
  if (role != static_cast<uint8_t>(options_.from)) {
    Fail({Rule::kBadRole, 0, 0, role, 0}, sink);
  } else if (min_version == 0 || min_version > max_version) {
    Fail({Rule::kBadVersion, 0, 0, min_version, max_version}, sink);
  } else {
    state_ = State::kHeader;
    sink->OnPreface(min_version, max_version);
  }
  return at;
}

size_t Decoder::NotFraming(size_t at, DecoderSink* sink) {
  // Octets without frames have no message boundaries, and §9 covers callers
  // only.
  if (!options_.allow_plain || options_.from != Role::kCaller ||
      options_.message_limit != DecoderOptions::kStream) {
    state_ = State::kStranger;
    return at;
  }
  // The scratch holds the octets that matched the magic: first those of earlier
  // calls, then `at` of these.
  const size_t before = scratch_length_ - at;
  scratch_length_ = 0;
  state_ = State::kPlain;
  holding_ = options_.hold_request;
  sink->OnPlain(scratch_, before);
  return 0;
}

// Each octet is checked until it cannot be a PROXY protocol header.
size_t Decoder::ReadStranger(const uint8_t* octets, size_t length,
                             DecoderSink* sink) {
  for (const Signature& one : kProxySignatures) {
    if (options_.from != Role::kCaller) break;
    if (scratch_length_ >= one.length ||
        one.octets[scratch_length_] != octets[0] ||
        std::memcmp(scratch_, one.octets, scratch_length_) != 0) {
      continue;
    }
    scratch_[scratch_length_++] = octets[0];
    if (scratch_length_ == one.length) {
      Fail({Rule::kProxyHeader, 0, 0, 0, 0}, sink);
    }
    return 1;
  }
  // The octet that differs and the seven after it, as the twin shows them.
  Fail(BadMagic(scratch_, scratch_length_, octets, std::min(length, kShown)),
       sink);
  return length;
}

size_t Decoder::ReadHeader(const uint8_t* octets, size_t length,
                           DecoderSink* sink) {
  if (scratch_length_ == 0 && length >= kFrameHeaderLength) {
    StartFrame(octets, octets + kFrameHeaderLength, sink);
    return kFrameHeaderLength;
  }
  const size_t taken =
      std::min(length, kFrameHeaderLength - size_t{scratch_length_});
  std::memcpy(scratch_ + scratch_length_, octets, taken);
  scratch_length_ = static_cast<uint8_t>(scratch_length_ + taken);
  if (scratch_length_ == kFrameHeaderLength) {
    scratch_length_ = 0;
    StartFrame(scratch_, octets + taken, sink);
  }
  return taken;
}

void Decoder::StartFrame(const uint8_t* header, const uint8_t* behind,
                         DecoderSink* sink) {
  const uint32_t length = static_cast<uint32_t>(header[1]) << 16 |
                          static_cast<uint32_t>(header[2]) << 8 | header[3];
  type_ = header[0];
  missing_ = length;

  const bool known = (type_ >= kConnect && type_ <= kReset) ||
                     (type_ >= kNotice && type_ <= kPong);
  if (!known) {
    if ((type_ & kIgnorable) == 0) {
      Fail({Rule::kUnknownFrame, type_, 0, 0, 0}, sink);
    } else if (length > 0) {
      state_ = State::kSkip;
    }
    return;
  }
  // §7.1: the order is checked before the length.
  if (!MayCome()) {
    const uint32_t after_handshake = body_ ? 1 : 0;
    Fail({Rule::kUnexpectedFrame, type_, 0, after_handshake, 0}, sink);
  } else if (type_ == kPing || type_ == kPong) {
    StartWhole(behind, length, kMaxPing, sink);
  } else if (type_ != kData) {
    StartWhole(behind, length, options_.control_limit, sink);
  } else if (options_.message_limit != DecoderOptions::kStream) {
    StartWhole(behind, length, options_.message_limit, sink);
  } else if (length > 0) {
    state_ = State::kStreamData;
  }
}

bool Decoder::MayCome() const {
  switch (type_) {
    case kConnect:
      return !body_ && options_.from == Role::kCaller;
    case kAccept:
    case kReject:
      return !body_ && options_.from == Role::kCallee;
    case kData:
    case kDisconnect:
    case kNotice:
    case kPing:
    case kPong:
      return body_;
    default:
      return true;
  }
}

void Decoder::StartWhole(const uint8_t* payload, uint32_t length,
                         uint32_t limit, DecoderSink* sink) {
  if (length > limit) {
    Fail({Rule::kFrameTooLong, type_, 0, length, limit}, sink);
  } else if (length > 0) {
    state_ = State::kWhole;
    started_ = false;
  } else {
    // Not together with later octets: these may be a long time coming.
    LeaveFrame();
    sink->OnFrame(type_, payload, 0);
  }
}

size_t Decoder::ReadWhole(const uint8_t* octets, size_t length,
                          DecoderSink* sink) {
  const size_t taken = std::min<size_t>(length, missing_);
  const bool last = taken == missing_;
  const bool first = !started_;
  if (first && last) {
    LeaveFrame();
    sink->OnFrame(type_, octets, taken);
    return taken;
  }
  if (first) {
    started_ = true;
    sink->OnFrameStart(type_, missing_);
    if (state_ == State::kStopped) return taken;
  }
  missing_ -= static_cast<uint32_t>(taken);
  if (last) LeaveFrame();
  sink->OnFramePiece(octets, taken, last);
  return taken;
}

// Before the frame is reported, so that the sink can Release or Stop.
void Decoder::LeaveFrame() {
  const bool ends = type_ == kDisconnect || type_ == kReject || type_ == kReset;
  state_ = ends ? State::kEnded : State::kHeader;
  body_ = true;
  holding_ = type_ == kConnect && options_.hold_request;
}

size_t Decoder::ReadStreamData(const uint8_t* octets, size_t length,
                               DecoderSink* sink) {
  const size_t taken = std::min<size_t>(length, missing_);
  missing_ -= static_cast<uint32_t>(taken);
  if (missing_ == 0) state_ = State::kHeader;
  sink->OnData(octets, taken);
  return taken;
}

size_t Decoder::Skip(size_t length) {
  const size_t taken = std::min<size_t>(length, missing_);
  missing_ -= static_cast<uint32_t>(taken);
  if (missing_ == 0) state_ = State::kHeader;
  return taken;
}

}  // namespace goodbyte::framing
