// One connection in the wire format, from its first octet to the close: the
// frames of both sides, and the order in which they are allowed. It is the
// caller's or the callee's end; its numbers are Winsock's.
#ifndef GOODBYTE_REFERENCE_PROVIDER_SESSION_CONNECTION_H_
#define GOODBYTE_REFERENCE_PROVIDER_SESSION_CONNECTION_H_

#include <optional>

#include "framing/decoder.h"
#include "io/tcp.h"
#include "session/inbox.h"
#include "wire/fields.h"

namespace goodbyte::provider {

// User data and user options that go together.
struct Words {
  Octets data;
  Octets options;
};

// A connect request.
struct Call {
  Words words;
  std::optional<FlowSpecs> qos;
  // Octets of callee data that it accepts; 0: no data is wanted.
  uint16_t room = 0;
};

class Connection;

// The receiver of a connection's events: the listener up to the verdict, then a
// socket. The application is called last: each call is the last action.
class ConnectionSink {
 public:
  // For a caller: the verdict, or the error in its place.
  virtual void OnVerdict(int /*status*/) {}
  // For a callee: CONNECT has come; or the caller has left, or broken a rule,
  // before its verdict.
  virtual void OnRequest(Connection* /*connection*/) {}
  virtual void OnWithdrawn(Connection* /*connection*/) {}

  // Data can be read again.
  virtual void OnReadable() {}
  // Sending can continue after WSAEWOULDBLOCK.
  virtual void OnWritable() {}
  // The one close indication, after all data.
  virtual void OnClosed(int /*status*/) {}

 protected:
  ~ConnectionSink() = default;
};

class Connection final : public Counted,
                         private TcpSink,
                         private framing::DecoderSink,
                         private TimerOwner {
 public:
  // A caller's; Start begins.
  Connection(ConnectionSink* sink, int socket_type, Call call);
  // A callee's, of an incoming connection.
  Connection(ConnectionSink* sink, int socket_type, Ref<TcpStream> stream);

  // 0: OnVerdict follows.
  int Start(Ref<TcpStream> stream, const Address& callee);

  void set_sink(ConnectionSink* sink) { sink_ = sink; }
  // For names and options; INVALID_SOCKET if it is gone.
  SOCKET socket() const;

  // The peer's first word: caller data, callee data, or reject data after a
  // refusal.
  const Words& first_words() const { return first_words_; }
  const std::optional<FlowSpecs>& qos() const { return qos_; }

  // -- a request: one of these, after OnRequest
  // Octets of callee or reject data that the caller takes.
  size_t room() const { return peer_.handshake_data; }
  bool withdrawn() const { return state_ == State::kOver; }
  void Accept(ConnectionSink* sink, const Words& words,
              const std::optional<FlowSpecs>& qos);
  // `reason` is for the peer's log.
  void Reject(int status, const Octets& data, const char* reason);

  // -- data
  // All or nothing. A message, on a message-oriented connection.
  int Send(const Octets& octets);
  bool writable() const;
  // 0 and how many; 0 and none at the end of a stream.
  int Receive(uint8_t* to, size_t room, bool peek, size_t* octets,
              bool* partial);
  size_t receivable() const { return inbox_.octets(); }
  // A receive would not block.
  bool readable() const {
    return !inbox_.empty() || close_heard_ || read_shut_;
  }
  bool has_data() const { return !inbox_.empty(); }
  void ShutReceiving();

  // -- the last word
  int SendLastWords(const Words& words);
  // The peer's, after the close indication; else WSAEWOULDBLOCK.
  int ReadLastWords(const Words** words) const;
  // The longest last word that the peer accepts.
  size_t last_word_room() const { return peer_.disconnect_data; }
  bool closed() const { return close_indicated_; }

  // The end of the socket. The rest is sent in the background; `linger` is
  // SO_LINGER's time in seconds, 0 an abort.
  void Close(const std::optional<int>& linger, const Words& last_words);

 private:
  enum class State : uint8_t {
    // Caller: nothing yet, TCP connects, CONNECT is sent, the preface has come.
    kIdle,
    kDialing,
    kCalling,
    kRinging,
    // Callee: nothing has come, the preface has come, CONNECT has come.
    kWaiting,
    kGreeted,
    kOffered,
    // The verdict was CF_ACCEPT.
    kOpen,
    // Broken after that; the socket still exists.
    kFailed,
    // Before the verdict: refused, withdrawn, failed. After it: closed.
    kOver,
  };

  ~Connection() override;

  void OnConnected(int status) override;
  void OnOctets(const uint8_t* octets, size_t length) override;
  void OnEnd() override;
  void OnLost(int status) override;
  void OnSent() override;
  void OnTimer(Timer* timer) override;

  void OnPreface(uint8_t lowest, uint8_t highest) override;
  void OnPlain(const uint8_t* before, size_t length) override;
  void OnFrame(uint8_t type, const uint8_t* payload, size_t length) override;
  void OnFrameStart(uint8_t type, uint32_t total) override;
  void OnFramePiece(const uint8_t* piece, size_t length, bool last) override;
  void OnData(const uint8_t* data, size_t length) override;
  void OnViolation(const framing::Violation& violation) override;

  framing::DecoderOptions DecoderOptionsFor(framing::Role peer) const;
  bool message_oriented() const { return socket_type_ == SOCK_SEQPACKET; }
  bool caller() const { return call_.has_value(); }
  Limits OwnLimits(size_t handshake_data) const;
  void SendOctets(const Octets& octets);

  void OnConnect(Fields fields);
  void OnAccept(Fields fields);
  void AnswerPing(const uint8_t* octets, size_t length);
  void Deliver(Octets octets);
  void HearClose(int status);
  void IndicateClose();

  // Breaks a rule of the format, by its name (§8).
  void Break(const char* name, bool of_connect = true);
  void FailConnect(int status);
  // A callee's request, or handshake, has ended.
  void Withdraw();
  // An open connection is broken.
  void Fail(int status);
  // Releases the stream: it lingers, or is reset.
  void LetLinger(ULONGLONG milliseconds, bool total);
  void Reset();

  ConnectionSink* sink_;
  int socket_type_;
  std::optional<Call> call_;
  State state_;
  Ref<TcpStream> stream_;
  framing::Decoder decoder_;
  Timer timer_{this};

  // A frame that comes in pieces.
  uint8_t frame_type_ = 0;
  Octets frame_;
  // Octets received after CONNECT, before the verdict.
  Octets held_;

  Limits peer_;
  Words first_words_;
  std::optional<FlowSpecs> qos_;

  Inbox inbox_;
  bool read_shut_ = false;
  bool refused_send_ = false;
  bool last_words_sent_ = false;
  bool close_heard_ = false;
  bool close_indicated_ = false;
  int close_status_ = 0;
  Words last_words_;
};

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SESSION_CONNECTION_H_
