// Accepts connections, and passes each to the engine.
#ifndef GOODBYTE_ENGINE_LISTENER_H_
#define GOODBYTE_ENGINE_LISTENER_H_

#include "engine/address.h"
#include "engine/connection.h"
#include "engine/handle.h"

namespace goodbyte {

class Listener final : public Handle {
 public:
  Listener(Engine* engine, const ConnectionOptions& options)
      : Handle(engine), options_(options) {}

  Listener* AsListener() override { return this; }

  // Each returns 0 or an error.
  // To share a port the handle needs a socket before its bind.
  int BindTcp(const sockaddr_storage& address, bool ipv6_only, bool reuse_port);
  // `access`: UV_READABLE, UV_WRITABLE, for users who would have none.
  int BindPipe(const char* path, size_t length, int access);
  int Listen(int backlog);

  // Retries connections for which there was no memory.
  bool OnReady() override { return !Accept(); }

 private:
  void OnConnection(int status);
  // False: no memory.
  bool Accept();
  void AcceptBurst();
  // nullptr: no memory.
  Connection* NewConnection();
  void TellAccepted(const Connection* connection, const Address& peer);

  const ConnectionOptions options_;
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_LISTENER_H_
