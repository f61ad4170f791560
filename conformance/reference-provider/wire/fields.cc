#include "wire/fields.h"

#include <algorithm>

namespace goodbyte::provider {

using framing::kAccept;
using framing::kConnect;
using framing::kDisconnect;
using framing::kNotice;
using framing::kReject;
using framing::kReset;

namespace {

enum FieldId : uint8_t {
  kUserData = 0x01,
  kUserOptions = 0x02,
  kSocketType = 0x03,
  kQos = 0x04,
  kLimits = 0x05,
  kStatus = 0x06,
  kReason = 0x87,
  kCode = 0x88,
  kRepeat = 0x89,
  kIdleLimit = 0x8a,
};

constexpr size_t kFieldHeader = 3;
constexpr size_t kFlowSpec = 32;
constexpr size_t kLimitsLength = 8;
constexpr size_t kMostReason = 255;

void Append16(uint32_t value, Octets* out) {
  out->push_back(static_cast<uint8_t>(value >> 8));
  out->push_back(static_cast<uint8_t>(value));
}

void Append32(uint32_t value, Octets* out) {
  Append16(value >> 16, out);
  Append16(value & 0xffff, out);
}

void AppendHeader(FieldId id, size_t length, Octets* out) {
  out->push_back(id);
  Append16(static_cast<uint32_t>(length), out);
}

void AppendOctets(FieldId id, const uint8_t* octets, size_t length,
                  Octets* out) {
  if (length == 0) return;
  AppendHeader(id, length, out);
  out->insert(out->end(), octets, octets + length);
}

void AppendOctets(FieldId id, const std::optional<Octets>& octets,
                  Octets* out) {
  if (octets) AppendOctets(id, octets->data(), octets->size(), out);
}

uint32_t Read16(const uint8_t* at) {
  return static_cast<uint32_t>(at[0]) << 8 | at[1];
}

uint32_t Read32(const uint8_t* at) { return Read16(at) << 16 | Read16(at + 2); }

// §5.7: text from a peer is for logs, so it holds only printable ASCII.
std::string Printable(const uint8_t* octets, size_t length) {
  std::string text;
  for (size_t i = 0; i < std::min(length, kMostReason); i++) {
    const bool printable = octets[i] >= 0x20 && octets[i] <= 0x7e;
    text.push_back(printable ? static_cast<char>(octets[i]) : '?');
  }
  return text;
}

const char* DecodeField(uint8_t id, const uint8_t* value, size_t length,
                        Fields* fields) {
  static const char kTwice[] = "duplicate-field";
  static const char kBad[] = "bad-field";
  switch (id) {
    case kUserData:
      if (fields->user_data) return kTwice;
      fields->user_data.emplace(value, value + length);
      return nullptr;
    case kUserOptions:
      if (fields->user_options) return kTwice;
      fields->user_options.emplace(value, value + length);
      return nullptr;
    case kSocketType:
      if (fields->socket_type) return kTwice;
      if (length != 1) return kBad;
      fields->socket_type = value[0];
      return nullptr;
    case kQos: {
      if (fields->qos) return kTwice;
      if (length < 2 * kFlowSpec ||
          length > 2 * kFlowSpec + kMostProviderSpecific) {
        return kBad;
      }
      FlowSpecs& qos = fields->qos.emplace();
      for (size_t i = 0; i < 8; i++) {
        qos.sending[i] = Read32(value + 4 * i);
        qos.receiving[i] = Read32(value + kFlowSpec + 4 * i);
      }
      qos.provider_specific.assign(value + 2 * kFlowSpec, value + length);
      return nullptr;
    }
    case kLimits:
      if (fields->limits) return kTwice;
      if (length != kLimitsLength) return kBad;
      fields->limits = {static_cast<uint16_t>(Read16(value)),
                        static_cast<uint16_t>(Read16(value + 2)),
                        Read32(value + 4)};
      return nullptr;
    case kStatus:
      if (fields->status) return kTwice;
      if (length != 2) return kBad;
      fields->status = static_cast<uint16_t>(Read16(value));
      return nullptr;
    case kReason:
      if (fields->reason) return kTwice;
      fields->reason = Printable(value, length);
      return nullptr;
    case kCode:
      if (fields->code) return kTwice;
      if (length != 4) return kBad;
      fields->code = Read32(value);
      return nullptr;
    case kRepeat:
      if (fields->repeat) return kTwice;
      if (length != 1) return kBad;
      fields->repeat = value[0];
      return nullptr;
    case kIdleLimit:
      if (fields->idle_limit) return kTwice;
      if (length != 4) return kBad;
      fields->idle_limit = Read32(value);
      return nullptr;
    default:
      return (id & framing::kIgnorable) != 0 ? nullptr : "unknown-field";
  }
}

// Empty equals absent (§5.1), but only once duplicates have been looked for.
void DropEmpty(std::optional<Octets>* octets) {
  if (*octets && (*octets)->empty()) octets->reset();
}

// §7: a frame's mandatory fields, and the known fields without a meaning in it.
const char* KeepMeaningful(uint8_t type, Fields* fields) {
  const bool handshake = type == kConnect || type == kAccept;
  const bool lacks = (type == kConnect && !fields->socket_type) ||
                     (handshake && !fields->limits) ||
                     (type == kReject && !fields->status);
  if (lacks) return "missing-field";
  if (type == kReset) fields->user_data.reset();
  if (type == kReset || type == kReject || type == kNotice) {
    fields->user_options.reset();
  }
  if (type != kConnect) fields->socket_type.reset();
  if (!handshake) fields->qos.reset();
  if (!handshake && type != kReject) fields->limits.reset();
  if (type != kReject && type != kReset) {
    fields->status.reset();
    fields->reason.reset();
  }
  if (handshake) fields->code.reset();
  if (!handshake) fields->idle_limit.reset();
  if (type != kReject || fields->repeat.value_or(0) > 1) fields->repeat.reset();
  return nullptr;
}

}  // namespace

Octets EncodeFrame(uint8_t type, const Fields& fields) {
  Octets out = {type, 0, 0, 0};
  if (fields.socket_type) {
    AppendHeader(kSocketType, 1, &out);
    out.push_back(*fields.socket_type);
  }
  if (fields.limits) {
    AppendHeader(kLimits, kLimitsLength, &out);
    Append16(fields.limits->handshake_data, &out);
    Append16(fields.limits->disconnect_data, &out);
    Append32(fields.limits->message, &out);
  }
  if (fields.status) {
    AppendHeader(kStatus, 2, &out);
    Append16(*fields.status, &out);
  }
  if (fields.qos) {
    const FlowSpecs& qos = *fields.qos;
    AppendHeader(kQos, 2 * kFlowSpec + qos.provider_specific.size(), &out);
    for (uint32_t number : qos.sending) Append32(number, &out);
    for (uint32_t number : qos.receiving) Append32(number, &out);
    out.insert(out.end(), qos.provider_specific.begin(),
               qos.provider_specific.end());
  }
  AppendOctets(kUserData, fields.user_data, &out);
  AppendOctets(kUserOptions, fields.user_options, &out);
  if (fields.reason) {
    const std::string& reason = *fields.reason;
    AppendOctets(kReason, reinterpret_cast<const uint8_t*>(reason.data()),
                 std::min(reason.size(), kMostReason), &out);
  }
  if (fields.code) {
    AppendHeader(kCode, 4, &out);
    Append32(*fields.code, &out);
  }
  if (fields.repeat) {
    AppendHeader(kRepeat, 1, &out);
    out.push_back(*fields.repeat);
  }
  if (fields.idle_limit) {
    AppendHeader(kIdleLimit, 4, &out);
    Append32(*fields.idle_limit, &out);
  }
  const size_t length = out.size() - framing::kFrameHeaderLength;
  out[1] = static_cast<uint8_t>(length >> 16);
  out[2] = static_cast<uint8_t>(length >> 8);
  out[3] = static_cast<uint8_t>(length);
  return out;
}

void AppendDataHeader(size_t length, Octets* out) {
  out->push_back(framing::kData);
  out->push_back(static_cast<uint8_t>(length >> 16));
  Append16(static_cast<uint32_t>(length & 0xffff), out);
}

Octets EncodePreface(framing::Role role, uint8_t lowest, uint8_t highest) {
  Octets out(framing::kMagic, framing::kMagic + sizeof(framing::kMagic));
  out.push_back(static_cast<uint8_t>(role));
  out.push_back(lowest);
  out.push_back(highest);
  return out;
}

const char* DecodeFields(uint8_t type, const uint8_t* payload, size_t length,
                         size_t user_data_limit, Fields* fields) {
  size_t at = 0;
  while (at < length) {
    if (length - at < kFieldHeader) return "field-overrun";
    const uint8_t id = payload[at];
    const size_t size = Read16(payload + at + 1);
    at += kFieldHeader;
    if (size > length - at) return "field-overrun";
    if (const char* broken = DecodeField(id, payload + at, size, fields)) {
      return broken;
    }
    at += size;
  }
  DropEmpty(&fields->user_data);
  DropEmpty(&fields->user_options);
  if (fields->reason && fields->reason->empty()) fields->reason.reset();
  if (const char* broken = KeepMeaningful(type, fields)) return broken;
  const bool too_long =
      (fields->user_data && fields->user_data->size() > user_data_limit) ||
      (fields->user_options && fields->user_options->size() > user_data_limit);
  return too_long ? "user-data-too-long" : nullptr;
}

const char* NameOf(framing::Rule rule) {
  switch (rule) {
    case framing::Rule::kBadMagic:
      return "bad-magic";
    case framing::Rule::kBadRole:
      return "bad-role";
    case framing::Rule::kBadVersion:
      return "bad-version";
    case framing::Rule::kTruncated:
      return "truncated";
    case framing::Rule::kFrameTooLong:
      return "frame-too-long";
    case framing::Rule::kUnknownFrame:
      return "unknown-frame";
    case framing::Rule::kUnexpectedFrame:
      return "unexpected-frame";
    case framing::Rule::kTrailingOctets:
      return "trailing-octets";
    case framing::Rule::kCut:
      return "cut";
    case framing::Rule::kProxyHeader:
      return "proxy-header";
  }
  return "";
}

}  // namespace goodbyte::provider
