// Longer than other files: it has the order of frames from the first octet to the
// close, for both ends.

#include "session/connection.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "session/limits.h"

namespace goodbyte::provider {

using framing::Role;

namespace {

constexpr uint8_t kVersion = 1;

std::optional<Octets> Some(const Octets& octets) {
  if (octets.empty()) return std::nullopt;
  return octets;
}

Octets Taken(std::optional<Octets>* octets) {
  return *octets ? std::move(**octets) : Octets();
}

// §7.4: any other number reads as a refusal.
int StatusOfReject(int status) {
  switch (status) {
    case WSAETIMEDOUT:
    case WSAEFAULT:
    case WSAEPROTOTYPE:
    case WSAEOPNOTSUPP:
      return status;
    default:
      return WSAECONNREFUSED;
  }
}

bool Is(const char* name, const char* other) {
  return std::strcmp(name, other) == 0;
}

// §8, for the application of a caller.
int StatusOfViolation(const char* name) {
  if (Is(name, "bad-magic") || Is(name, "bad-role")) return WSAEPROTONOSUPPORT;
  if (Is(name, "version-unsupported")) return WSAVERNOTSUPPORTED;
  return WSAECONNRESET;
}

}  // namespace

Connection::Connection(ConnectionSink* sink, int socket_type, Call call)
    : sink_(sink),
      socket_type_(socket_type),
      call_(std::move(call)),
      state_(State::kIdle),
      decoder_(DecoderOptionsFor(Role::kCallee)),
      inbox_(message_oriented()) {}

Connection::Connection(ConnectionSink* sink, int socket_type,
                       Ref<TcpStream> stream)
    : sink_(sink),
      socket_type_(socket_type),
      state_(State::kWaiting),
      stream_(std::move(stream)),
      decoder_(DecoderOptionsFor(Role::kCaller)),
      inbox_(message_oriented()) {
  timer_.Start(kHandshakeTime);
  stream_->set_sink(this);
  stream_->Resume();
}

Connection::~Connection() {
  if (stream_) stream_->set_sink(nullptr);
}

framing::DecoderOptions Connection::DecoderOptionsFor(Role peer) const {
  framing::DecoderOptions options;
  options.from = peer;
  const uint32_t room = call_ ? call_->room : 0;
  options.control_limit = 1024 + 2 * std::max<uint32_t>(kUserDataLimit, room);
  if (message_oriented()) options.message_limit = kMessageLimit;
  options.hold_request = peer == Role::kCaller;
  return options;
}

Limits Connection::OwnLimits(size_t handshake_data) const {
  return {static_cast<uint16_t>(handshake_data), kUserDataLimit, kMessageLimit};
}

SOCKET Connection::socket() const {
  return stream_ ? stream_->socket() : INVALID_SOCKET;
}

void Connection::SendOctets(const Octets& octets) {
  if (stream_) stream_->Send(octets.data(), octets.size());
}

// -- setup, as a caller

int Connection::Start(Ref<TcpStream> stream, const Address& callee) {
  stream->set_sink(this);
  const int status = stream->Connect(callee);
  if (status != 0) {
    stream->set_sink(nullptr);
    return status;
  }
  stream_ = std::move(stream);
  state_ = State::kDialing;
  timer_.Start(kConnectTime);
  return 0;
}

void Connection::OnConnected(int status) {
  Ref<Connection> self(this);
  if (status != 0) {
    FailConnect(status);
    return;
  }
  state_ = State::kCalling;
  Fields fields;
  fields.socket_type = static_cast<uint8_t>(socket_type_);
  fields.limits = OwnLimits(call_->room);
  fields.qos = call_->qos;
  fields.user_data = Some(call_->words.data);
  fields.user_options = Some(call_->words.options);
  Octets octets = EncodePreface(Role::kCaller, kVersion, kVersion);
  const Octets connect = EncodeFrame(framing::kConnect, fields);
  octets.insert(octets.end(), connect.begin(), connect.end());
  SendOctets(octets);
  stream_->Resume();
}

void Connection::OnAccept(Fields fields) {
  timer_.Stop();
  state_ = State::kOpen;
  peer_ = *fields.limits;
  first_words_ = {Taken(&fields.user_data), Taken(&fields.user_options)};
  qos_ = fields.qos ? std::move(fields.qos) : std::move(call_->qos);
  call_->words = {};
  sink_->OnVerdict(0);
}

void Connection::FailConnect(int status) {
  timer_.Stop();
  state_ = State::kOver;
  decoder_.Stop();
  Reset();
  if (ConnectionSink* sink = std::exchange(sink_, nullptr)) {
    sink->OnVerdict(status);
  }
}

// -- setup, as a callee

void Connection::OnConnect(Fields fields) {
  peer_ = *fields.limits;
  if (*fields.socket_type != socket_type_) {
    Reject(WSAEPROTOTYPE, {}, "the socket types differ");
    Withdraw();
    return;
  }
  state_ = State::kOffered;
  timer_.Start(kVerdictTime);
  first_words_ = {Taken(&fields.user_data), Taken(&fields.user_options)};
  qos_ = std::move(fields.qos);
  sink_->OnRequest(this);
}

void Connection::Accept(ConnectionSink* sink, const Words& words,
                        const std::optional<FlowSpecs>& qos) {
  timer_.Stop();
  sink_ = sink;
  state_ = State::kOpen;
  Fields fields;
  fields.limits = OwnLimits(kUserDataLimit);
  fields.user_data = Some(words.data);
  fields.user_options = Some(words.options);
  fields.qos = qos;
  if (qos) qos_ = qos;
  SendOctets(EncodeFrame(framing::kAccept, fields));
  decoder_.Release();
  const Octets held = std::exchange(held_, {});
  OnOctets(held.data(), held.size());
  if (stream_ && inbox_.weight() < kBuffer) stream_->Resume();
}

void Connection::Reject(int status, const Octets& data, const char* reason) {
  timer_.Stop();
  state_ = State::kOver;
  decoder_.Stop();
  Fields fields;
  fields.status = static_cast<uint16_t>(status);
  // §6: the limits for the caller's next attempt.
  if (status == WSAEFAULT) fields.limits = OwnLimits(kUserDataLimit);
  fields.user_data = Some(data);
  if (reason != nullptr) fields.reason = reason;
  SendOctets(EncodeFrame(framing::kReject, fields));
  LetLinger(kLingerTime, false);
}

void Connection::Withdraw() {
  timer_.Stop();
  state_ = State::kOver;
  decoder_.Stop();
  Reset();
  if (ConnectionSink* sink = std::exchange(sink_, nullptr)) {
    sink->OnWithdrawn(this);
  }
}

// -- input

void Connection::OnOctets(const uint8_t* octets, size_t length) {
  Ref<Connection> self(this);
  const size_t taken =
      decoder_.holding() ? 0 : decoder_.Decode(octets, length, this);
  if (!decoder_.holding() || taken == length) return;
  held_.insert(held_.end(), octets + taken, octets + length);
  if (held_.size() >= kBuffer && stream_) stream_->Pause();
}

void Connection::OnPreface(uint8_t lowest, uint8_t highest) {
  if (caller()) {
    if (lowest > kVersion || highest < kVersion) {
      Break("version-unsupported");
    } else if (lowest != highest) {
      Break("bad-version");
    } else {
      state_ = State::kRinging;
    }
    return;
  }
  SendOctets(EncodePreface(Role::kCallee, kVersion, kVersion));
  if (lowest > kVersion) {
    // §3.2: CONNECT must not be read.
    decoder_.Stop();
    LetLinger(kLingerTime, false);
    Withdraw();
    return;
  }
  state_ = State::kGreeted;
}

// Plain peers are not accepted.
void Connection::OnPlain(const uint8_t*, size_t) {}

void Connection::OnFrame(uint8_t type, const uint8_t* payload, size_t length) {
  if (type == framing::kData) {
    Deliver(Octets(payload, payload + length));
    return;
  }
  if (type == framing::kPing) {
    AnswerPing(payload, length);
    return;
  }
  if (type == framing::kPong) return;
  const bool answer = type == framing::kAccept || type == framing::kReject;
  Fields fields;
  const char* broken = DecodeFields(
      type, payload, length, answer ? call_->room : kUserDataLimit, &fields);
  if (broken != nullptr) {
    decoder_.Stop();
    Break(broken);
    return;
  }
  switch (type) {
    case framing::kConnect:
      OnConnect(std::move(fields));
      return;
    case framing::kAccept:
      OnAccept(std::move(fields));
      return;
    case framing::kReject:
      first_words_ = {Taken(&fields.user_data), {}};
      LetLinger(kLingerTime, false);
      FailConnect(StatusOfReject(*fields.status));
      return;
    case framing::kDisconnect:
      last_words_ = {Taken(&fields.user_data), Taken(&fields.user_options)};
      HearClose(0);
      return;
    case framing::kNotice:
      // Winsock has no way to report it.
      return;
    default:
      OnLost(WSAECONNRESET);
  }
}

// §7.9: no IDLE_LIMIT was announced, so the peer does not rely on an answer. An
// answer that would have to wait is not sent.
void Connection::AnswerPing(const uint8_t* octets, size_t length) {
  if (state_ != State::kOpen || last_words_sent_ || !stream_) return;
  if (stream_->unsent() > 0) return;
  Octets pong = {framing::kPong, 0, 0, static_cast<uint8_t>(length)};
  pong.insert(pong.end(), octets, octets + length);
  SendOctets(pong);
}

void Connection::OnFrameStart(uint8_t type, uint32_t) {
  // No memory is reserved for octets that have not come.
  frame_type_ = type;
  frame_.clear();
}

void Connection::OnFramePiece(const uint8_t* piece, size_t length, bool last) {
  frame_.insert(frame_.end(), piece, piece + length);
  if (!last) return;
  const Octets frame = std::exchange(frame_, {});
  OnFrame(frame_type_, frame.data(), frame.size());
}

void Connection::OnData(const uint8_t* data, size_t length) {
  Deliver(Octets(data, data + length));
}

void Connection::OnViolation(const framing::Violation& violation) {
  // §6.6: over-long data is 10014 only in CONNECT.
  const bool elsewhere = violation.rule == framing::Rule::kFrameTooLong &&
                         violation.type != framing::kConnect;
  Break(NameOf(violation.rule), !elsewhere);
}

void Connection::Break(const char* name, bool of_connect) {
  decoder_.Stop();
  switch (state_) {
    case State::kWaiting:
      Withdraw();
      return;
    case State::kGreeted: {
      const bool long_data =
          of_connect &&
          (Is(name, "frame-too-long") || Is(name, "user-data-too-long"));
      Reject(long_data ? WSAEFAULT : WSAECONNREFUSED, {}, name);
      Withdraw();
      return;
    }
    case State::kDialing:
    case State::kCalling:
      // §8: nobody listens there.
      FailConnect(Is(name, "bad-role") && stream_->IsConnectedToItself()
                      ? WSAECONNREFUSED
                      : StatusOfViolation(name));
      return;
    case State::kRinging:
    case State::kOpen: {
      // §7.7, unless the last frame is out.
      if (!last_words_sent_) {
        Fields fields;
        fields.status = static_cast<uint16_t>(WSAECONNRESET);
        fields.reason = name;
        SendOctets(EncodeFrame(framing::kReset, fields));
      }
      LetLinger(kComplaintTime, true);
      if (state_ == State::kOpen) {
        Fail(WSAECONNRESET);
      } else {
        FailConnect(StatusOfViolation(name));
      }
      return;
    }
    default:
      return;
  }
}

void Connection::OnEnd() {
  Ref<Connection> self(this);
  framing::Violation violation;
  switch (state_) {
    case State::kDialing:
    case State::kCalling:
      // §3.3: something refused it, perhaps not goodbyte at all, unless it had
      // begun to answer.
      FailConnect(decoder_.End(&violation) ? WSAECONNRESET : WSAECONNREFUSED);
      return;
    case State::kRinging:
      FailConnect(WSAECONNRESET);
      return;
    case State::kWaiting:
    case State::kGreeted:
    case State::kOffered:
      Withdraw();
      return;
    case State::kOpen:
      if (decoder_.End(&violation)) {
        Break(NameOf(violation.rule));
      } else {
        HearClose(0);
      }
      return;
    default:
      return;
  }
}

void Connection::OnLost(int status) {
  Ref<Connection> self(this);
  switch (state_) {
    case State::kDialing:
    case State::kCalling:
      FailConnect(status == WSAECONNRESET ? WSAECONNREFUSED : status);
      return;
    case State::kRinging:
      FailConnect(WSAECONNRESET);
      return;
    case State::kWaiting:
    case State::kGreeted:
    case State::kOffered:
      Withdraw();
      return;
    case State::kOpen:
      // Both last words are said: nothing is lost.
      if (close_heard_ && last_words_sent_) return;
      Reset();
      Fail(WSAECONNRESET);
      return;
    default:
      return;
  }
}

void Connection::OnTimer(Timer*) {
  Ref<Connection> self(this);
  switch (state_) {
    case State::kDialing:
    case State::kCalling:
    case State::kRinging:
      FailConnect(WSAETIMEDOUT);
      return;
    case State::kGreeted:
      Reject(WSAETIMEDOUT, {}, "the handshake was not finished in time");
      Withdraw();
      return;
    case State::kOffered:
      Reject(WSAETIMEDOUT, {}, "there was no verdict in time");
      Withdraw();
      return;
    default:
      Withdraw();
  }
}

// -- data

void Connection::Deliver(Octets octets) {
  if (read_shut_) return;
  const bool first = inbox_.empty();
  inbox_.Push(std::move(octets));
  if (inbox_.weight() >= kBuffer && stream_) stream_->Pause();
  if (first && sink_ != nullptr) sink_->OnReadable();
}

int Connection::Send(const Octets& octets) {
  if (state_ == State::kFailed) return WSAECONNRESET;
  if (state_ != State::kOpen) return WSAENOTCONN;
  if (last_words_sent_) return WSAESHUTDOWN;
  const size_t most = framing::kMaxFramePayload;
  if (message_oriented() &&
      octets.size() > std::min<size_t>(peer_.message, most)) {
    return WSAEMSGSIZE;
  }
  if (!writable()) {
    refused_send_ = true;
    return WSAEWOULDBLOCK;
  }
  // An empty message is a message; on a stream it is nothing.
  if (octets.empty() && !message_oriented()) return 0;
  auto next = octets.begin();
  do {
    const auto left = static_cast<size_t>(octets.end() - next);
    const auto length = static_cast<ptrdiff_t>(std::min(left, most));
    Octets frame;
    AppendDataHeader(static_cast<size_t>(length), &frame);
    frame.insert(frame.end(), next, next + length);
    SendOctets(frame);
    next += length;
  } while (next != octets.end());
  return 0;
}

bool Connection::writable() const {
  if (state_ != State::kOpen) return state_ == State::kFailed;
  return last_words_sent_ || stream_->unsent() < kBuffer;
}

void Connection::OnSent() {
  if (std::exchange(refused_send_, false) && sink_ != nullptr) {
    sink_->OnWritable();
  }
}

int Connection::Receive(uint8_t* to, size_t room, bool peek, size_t* octets,
                        bool* partial) {
  *octets = 0;
  *partial = false;
  if (read_shut_) return WSAESHUTDOWN;
  if (inbox_.empty()) {
    if (!close_heard_) return WSAEWOULDBLOCK;
    if (close_status_ != 0) return close_status_;
    return message_oriented() ? WSAEDISCON : 0;
  }
  *octets = inbox_.Read(to, room, peek, partial);
  if (2 * inbox_.weight() <= kBuffer && stream_) stream_->Resume();
  if (inbox_.empty() && close_heard_) IndicateClose();
  return 0;
}

void Connection::ShutReceiving() {
  read_shut_ = true;
  inbox_.Clear();
  if (stream_) stream_->Resume();
  if (close_heard_) IndicateClose();
}

// -- teardown

int Connection::SendLastWords(const Words& words) {
  const bool says = !words.data.empty() || !words.options.empty();
  if (state_ == State::kFailed) return WSAECONNRESET;
  if (state_ != State::kOpen) return WSAENOTCONN;
  if (last_words_sent_) return says ? WSAESHUTDOWN : 0;
  if (words.data.size() > peer_.disconnect_data ||
      words.options.size() > peer_.disconnect_data) {
    return WSAEMSGSIZE;
  }
  last_words_sent_ = true;
  Fields fields;
  fields.user_data = Some(words.data);
  fields.user_options = Some(words.options);
  SendOctets(EncodeFrame(framing::kDisconnect, fields));
  // Sending may have found the connection broken.
  if (stream_) stream_->End();
  return 0;
}

void Connection::HearClose(int status) {
  if (close_heard_) return;
  close_heard_ = true;
  close_status_ = status;
  if (inbox_.empty()) IndicateClose();
}

void Connection::IndicateClose() {
  if (std::exchange(close_indicated_, true)) return;
  if (sink_ != nullptr) sink_->OnClosed(close_status_);
}

int Connection::ReadLastWords(const Words** words) const {
  if (state_ != State::kOpen && state_ != State::kFailed) return WSAENOTCONN;
  if (!close_indicated_) return WSAEWOULDBLOCK;
  *words = &last_words_;
  return 0;
}

void Connection::Fail(int status) {
  state_ = State::kFailed;
  HearClose(status);
}

void Connection::LetLinger(ULONGLONG milliseconds, bool total) {
  timer_.Stop();
  if (!stream_) return;
  Ref<TcpStream> stream = std::exchange(stream_, {});
  stream->Linger(milliseconds, total);
}

void Connection::Reset() {
  if (!stream_) return;
  Ref<TcpStream> stream = std::exchange(stream_, {});
  stream->set_sink(nullptr);
  stream->Abort();
}

void Connection::Close(const std::optional<int>& linger,
                       const Words& last_words) {
  Ref<Connection> self(this);
  sink_ = nullptr;
  inbox_.Clear();
  const State was = std::exchange(state_, State::kOver);
  if (linger && *linger == 0) {
    Reset();
  } else if (was == State::kGreeted || was == State::kOffered) {
    const bool fits = last_words.data.size() <= peer_.handshake_data;
    Reject(WSAECONNREFUSED, fits ? last_words.data : Octets(),
           "the listener was closed");
  } else if (was == State::kOpen) {
    if (!last_words_sent_) {
      state_ = State::kOpen;
      // A last word over the peer's limit is not sent.
      if (SendLastWords(last_words) != 0) SendLastWords({});
      state_ = State::kOver;
    }
    const ULONGLONG time = linger ? 1000ULL * *linger : kLingerTime;
    LetLinger(time, linger.has_value());
  } else {
    Reset();
  }
  timer_.Stop();
  decoder_.Stop();
}

}  // namespace goodbyte::provider
