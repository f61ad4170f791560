// A socket as the application has it: a handle of the host's, options, events,
// and below it a connection or a listener. Its calls return 0 or a number of
// Winsock's, and run under the lock.
#ifndef GOODBYTE_REFERENCE_PROVIDER_SPI_SOCKET_H_
#define GOODBYTE_REFERENCE_PROVIDER_SPI_SOCKET_H_

#include <winsock2.h>
#include <ws2spi.h>

#include <optional>

#include "io/lock.h"
#include "session/connection.h"
#include "session/listener.h"
#include "spi/network_events.h"

namespace goodbyte::provider {

// Inherited by accepted sockets from their listener.
struct SocketOptions {
  std::optional<int> linger;
  bool conditional_accept = false;
  // SO_CONNDATA and SO_CONNOPT: sent at connect, or answered by accept.
  Words connect_words;
  // SO_CONNDATALEN and SO_CONNOPTLEN: the wire has one limit, the larger.
  uint16_t connect_room = 0;
  // SO_DISCDATA and SO_DISCOPT.
  Words disconnect_words;
};

class Socket final : public Counted,
                     private ConnectionSink,
                     private ListenerSink {
 public:
  // -- life
  // `info`: the entry as the host knows it, with its number in the catalog.
  // Makes the host's handle, without the lock; nothing, and why not.
  static Ref<Socket> Create(const WSAPROTOCOL_INFOW& info, int* status);
  // The open socket that was made with this context.
  static Ref<Socket> Find(DWORD_PTR context);
  // Closes all, by resets: the last WSPCleanup.
  static void AbortAll();

  SOCKET handle() const { return handle_; }
  // The handle is the caller's to close, without the lock.
  void Close();
  int SetBlocking(bool blocking);

  // -- names
  int Bind(const sockaddr* name, int length);
  int LocalName(sockaddr* name, int* length) const;
  int PeerName(sockaddr* name, int* length) const;

  // -- setup
  int Listen(int backlog);
  // The buffers are the application's, and are filled before FD_CONNECT.
  int Connect(Locked* locked, const sockaddr* name, int length,
              const WSABUF* caller, WSABUF* callee, QOS* sqos,
              const QOS* gqos);
  Ref<Socket> Accept(Locked* locked, sockaddr* name, int* length,
                     LPCONDITIONPROC condition, DWORD_PTR data, int* status);

  // -- data
  int Send(Locked* locked, const WSABUF* buffers, DWORD count, DWORD flags,
           DWORD* sent);
  int Receive(Locked* locked, const WSABUF* buffers, DWORD count, DWORD* flags,
              DWORD* received);
  DWORD receivable() const;

  // -- teardown
  int SendDisconnect(const WSABUF* data);
  int ReceiveDisconnect(WSABUF* data);
  int Shutdown(int how);

  // -- events
  int EventSelect(WSAEVENT event, long mask);
  void TakeEvents(WSANETWORKEVENTS* events) { events_.Take(events); }
  // For select.
  bool readable() const;
  bool writable() const;
  bool exceptional() const;

  // -- options
  int GetOption(int level, int name, char* value, int* length);
  int SetOption(int level, int name, const char* value, int length);

 private:
  enum class Stage : uint8_t { kIdle, kConnecting, kConnected, kListening };

  explicit Socket(const WSAPROTOCOL_INFOW& info);
  ~Socket() override;

  void OnVerdict(int status) override;
  void OnReadable() override;
  void OnWritable() override;
  void OnClosed(int status) override;
  void OnRequestWaiting() override;

  int family() const { return info_.iAddressFamily; }
  int type() const { return info_.iSocketType; }

  // Waits until `ready`, where the socket blocks.
  template <typename Ready>
  int Block(Locked* locked, Ready ready) {
    while (!ready()) {
      if (!blocking_) return WSAEWOULDBLOCK;
      locked->Wait();
      if (closed_) return WSAENOTSOCK;
    }
    return 0;
  }

  // The system's socket underneath, made and bound on first use.
  int NeedStream();
  int NeedSystemSocket(SOCKET* socket);
  void RememberNames(SOCKET socket);

  int CheckCallee(const sockaddr* name, int length) const;
  void ReturnToCaller();

  // `status` is 0 if `accepted` is connected.
  Ref<Socket> Decide(const Offer& offer, LPCONDITIONPROC condition,
                     DWORD_PTR data, int* status);
  int AcceptOffer(const Offer& offer, const Words& answer,
                  const std::optional<FlowSpecs>& qos, Ref<Socket>* accepted);
  void Inherit(const Socket& listener, const Ref<Connection>& connection);

  int GetWords(int name, char* value, int* length) const;
  int SetWords(int name, const char* value, int length);
  int SetRoom(int name, const char* value, int length);

  const WSAPROTOCOL_INFOW info_;
  SOCKET handle_ = INVALID_SOCKET;
  bool closed_ = false;
  bool blocking_ = true;
  Stage stage_ = Stage::kIdle;
  SocketOptions options_;
  NetworkEvents events_;
  // SO_ERROR.
  int error_ = 0;

  std::optional<Address> bound_;
  Address local_;
  Address peer_;

  // One of these: the state before connect or listen, then the result.
  Ref<TcpStream> stream_;
  Ref<Connection> connection_;
  Ref<Listener> listener_;

  // The destination of a pending connect's answer.
  WSABUF* callee_data_ = nullptr;
  QOS* sqos_ = nullptr;
  int connect_status_ = 0;
  // The peer's first word, also with a refusal.
  Words heard_;
};

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SPI_SOCKET_H_
