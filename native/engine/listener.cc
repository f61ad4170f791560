#include "engine/listener.h"

#include "engine/engine.h"
#include "platform/socket_options.h"
#include "platform/stream.h"

namespace goodbyte {

namespace {
// Most in one turn of the loop, so that others get theirs.
constexpr int kMostInBurst = 64;
}  // namespace

int Listener::BindTcp(const sockaddr_storage& address, bool ipv6_only,
                      bool reuse_port) {
  if (reuse_port) {
    const int error = ReusePort(handle());
    if (error != 0) return error;
  }
  return uv_tcp_bind(tcp(), reinterpret_cast<const sockaddr*>(&address),
                     ipv6_only ? UV_TCP_IPV6ONLY : 0);
}

int Listener::BindPipe(const char* path, size_t length, int access) {
  const int error = uv_pipe_bind2(pipe(), path, length, UV_PIPE_NO_TRUNCATE);
  if (error != 0 || access == 0) return error;
  return uv_pipe_chmod(pipe(), access);
}

int Listener::Listen(int backlog) {
  if (kAcceptedInheritsNoDelay && !is_pipe()) uv_tcp_nodelay(tcp(), 1);
  return uv_listen(stream(), backlog, [](uv_stream_t* server, int status) {
    static_cast<Handle*>(server->data)->AsListener()->OnConnection(status);
  });
}

void Listener::OnConnection(int status) {
  if (closing()) return;
  if (status != 0) {
    engine()->Tell(id(), What(EventKind::kAcceptFailed),
                   static_cast<uint32_t>(status));
  } else if (!Accept()) {
    // libuv holds back the others until this one is taken.
    engine()->Ready(this);
  } else {
    AcceptBurst();
  }
}

Connection* Listener::NewConnection() {
  int error = 0;
  Connection* connection = new Connection(engine(), options_);
  const Medium medium = is_pipe() ? Medium::kPipe : Medium::kTcp;
  return engine()->Adopt(connection, medium, &error) < 0 ? nullptr : connection;
}

bool Listener::Accept() {
  if (closing()) return true;
  Connection* connection = NewConnection();
  if (connection == nullptr) return false;
  if (uv_accept(stream(), connection->stream()) != 0) {
    connection->Close();
    return true;
  }
  // Reported before the peer is gone, which may be at any time.
  TellAccepted(connection, is_pipe() ? Address{} : PeerOf(connection->tcp()));
  connection->Begin();
  return true;
}

void Listener::AcceptBurst() {
  for (int taken = 0; taken < kMostInBurst; taken++) {
    uv_os_sock_t accepted;
    sockaddr_storage peer;
    if (AcceptNext(stream(), &accepted, &peer) != 0) return;
    Connection* connection = NewConnection();
    if (connection == nullptr) {
      CloseSocket(accepted);
      return;
    }
    if (connection->Take(accepted) != 0) {
      CloseSocket(accepted);
      connection->Close();
      return;
    }
    TellAccepted(connection, AddressOf(peer));
    connection->Begin();
  }
}

void Listener::TellAccepted(const Connection* connection, const Address& peer) {
  engine()->Tell(id(),
                 static_cast<uint32_t>(EventKind::kAccepted) | peer.scope << 8,
                 static_cast<uint32_t>(connection->id()),
                 peer.port | peer.family << 16);
  engine()->Tell(static_cast<int32_t>(peer.octets[0]), peer.octets[1],
                 peer.octets[2], peer.octets[3]);
}

}  // namespace goodbyte
