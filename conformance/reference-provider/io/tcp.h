// TCP underneath, through ws2_32 and the system's own provider of it.
#ifndef GOODBYTE_REFERENCE_PROVIDER_IO_TCP_H_
#define GOODBYTE_REFERENCE_PROVIDER_IO_TCP_H_

#include <winsock2.h>
#include <ws2tcpip.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "io/counted.h"
#include "io/loop.h"

namespace goodbyte::provider {

// A name of either family.
struct Address {
  sockaddr_storage storage = {};
  int length = 0;

  const sockaddr* get() const {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

// Releases ws2_32, when no stream is left.
void LeaveSystem();

// The any address of a family, with port 0.
Address AnyAddress(int family);

// Receives a stream's events. The worker calls it under the lock.
class TcpSink {
 public:
  virtual void OnConnected(int status) = 0;
  virtual void OnOctets(const uint8_t* octets, size_t length) = 0;
  // The peer's FIN.
  virtual void OnEnd() = 0;
  // A reset, or another end that is not graceful.
  virtual void OnLost(int status) = 0;
  // All queued data has been handed to the system.
  virtual void OnSent() = 0;

 protected:
  ~TcpSink() = default;
};

// A TCP socket, up to its very end: it outlives the connection that it carried
// while it lingers. Its operations keep it until the system has released them.
class TcpStream final : public Counted,
                        private OperationOwner,
                        private TimerOwner {
 public:
  // A new socket, or an accepted one. `status` is 0, or the error.
  static Ref<TcpStream> Open(int family, int* status);
  static Ref<TcpStream> Take(SOCKET accepted, int* status);
  // The number of streams, including lingering ones.
  static size_t living() { return living_; }

  // The receiver of events; nullptr: events are dropped.
  void set_sink(TcpSink* sink) { sink_ = sink; }
  // For names and options; INVALID_SOCKET after the end.
  SOCKET socket() const { return socket_; }

  // TCP lets a socket connect to itself: the system may give a caller the very
  // port that it calls.
  bool IsConnectedToItself() const;

  int Bind(const Address& name);
  // 0: OnConnected follows.
  int Connect(const Address& name);
  // Both return at once; data is queued.
  void Send(const uint8_t* octets, size_t length);
  // FIN, after all queued data.
  void End();
  // Octets that the system has not taken yet.
  size_t unsent() const { return queued_.size() + sending_.size(); }

  // Receiving begins paused.
  void Pause() { paused_ = true; }
  void Resume();

  // Reports nothing more: sends queued data and FIN, drops input until the
  // peer's FIN, and ends. At the deadline it aborts; `total`: the time counts
  // from now, otherwise from the last progress.
  void Linger(ULONGLONG milliseconds, bool total);
  // Ends at once; the peer sees a reset.
  void Abort();

 private:
  explicit TcpStream(SOCKET socket);
  ~TcpStream() override;

  void OnDone(Operation* operation, int status, DWORD octets) override;
  void OnTimer(Timer* timer) override;
  void OnConnectDone(int status);
  void OnReceived(int status, DWORD octets);
  void OnSendDone(int status, DWORD octets);
  void Flush();
  void SendFin();
  void Lose(int status);
  void EndIfDone();
  void Close();
  // For closed streams with pending operations: cancels these, and closes the
  // socket once the system has released it.
  void CloseWhenFree();

  static size_t living_;

  SOCKET socket_;
  // Closed for everybody above.
  SOCKET closing_ = INVALID_SOCKET;
  TcpSink* sink_ = nullptr;
  bool bound_ = false;
  bool paused_ = true;
  bool delivering_ = false;
  bool end_wanted_ = false;
  bool fin_sent_ = false;
  // The peer's FIN has come, or nothing more can come.
  bool end_heard_ = false;
  // Sending failed: unread input goes first.
  int send_status_ = 0;

  Operation connecting_{this};
  Operation receiving_{this};
  Operation transmitting_{this};
  std::unique_ptr<uint8_t[]> received_;
  // In the system's hands now, and waiting behind it.
  std::vector<uint8_t> sending_;
  std::vector<uint8_t> queued_;

  bool lingering_ = false;
  // It lingers and keeps itself.
  bool kept_ = false;
  bool linger_total_ = false;
  ULONGLONG linger_time_ = 0;
  Timer linger_timer_{this};
  Timer cancel_timer_{this};
};

class TcpListenerSink {
 public:
  virtual void OnAccepted(SOCKET socket) = 0;

 protected:
  ~TcpListenerSink() = default;
};

// A listening TCP socket, with one accept pending.
class TcpListener final : public Counted,
                          private OperationOwner,
                          private TimerOwner {
 public:
  // Listens on a stream's socket, which belongs to the listener from now on.
  static Ref<TcpListener> Listen(const Ref<TcpStream>& bound, int family,
                                 int backlog, TcpListenerSink* sink,
                                 int* status);
  void Close();

 private:
  TcpListener(const Ref<TcpStream>& bound, int family, TcpListenerSink* sink)
      : bound_(bound), family_(family), sink_(sink) {}

  void OnDone(Operation* operation, int status, DWORD octets) override;
  void OnTimer(Timer* timer) override;
  int Accept();
  void AcceptOrRetry();

  Ref<TcpStream> bound_;
  int family_;
  TcpListenerSink* sink_;
  SOCKET coming_ = INVALID_SOCKET;
  Operation accepting_{this};
  Timer retry_{this};
  // AcceptEx puts two names here, each with 16 extra octets.
  uint8_t names_[2 * (sizeof(sockaddr_in6) + 16)] = {};
};

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_IO_TCP_H_
