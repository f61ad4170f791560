// A host for a provider: loads the DLL without installing it, and stands in for
// ws2_32. The program tests one provider in one process.
#ifndef GOODBYTE_REFERENCE_PROVIDER_TEST_HOST_H_
#define GOODBYTE_REFERENCE_PROVIDER_TEST_HOST_H_

#include <winsock2.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include <string>
#include <vector>

#include "test/check.h"

namespace host {

// The provider's entries, once it is started.
extern WSPPROC_TABLE provider;
extern std::vector<WSAPROTOCOL_INFOW> entries;

// Loads the DLL, and lists its entries. Ends the process if the list is empty.
void Load(const char* dll);
// Calls WSPStartup for the first entry.
int Start(WORD version, WSPDATA* data);
void Stop();

// Socket handles that the provider has not given back.
int OpenHandles();
// Whether a layer passed on all calls of a connection; true without a layer.
bool PassedOn();
// Kernel handles of the process.
DWORD KernelHandles();

const WSAPROTOCOL_INFOW& EntryOf(int family, int type);

constexpr DWORD kLimit = 10'000;

// A port of this machine, IPv4.
sockaddr_storage Local(int port);
int PortOf(const sockaddr_storage& name);

// A provider's socket. Its calls return 0, or the error.
struct Socket {
  SOCKET s = INVALID_SOCKET;
  WSAEVENT event = nullptr;
  WSANETWORKEVENTS seen = {};

  Socket() = default;
  explicit Socket(SOCKET handle) : s(handle) {}

  static Socket Open(int family = AF_INET, int type = SOCK_STREAM);
  // Selects all events.
  void Watch();
  // Waits for the event, and returns its error code; -1: not within the limit.
  // Other events are kept for later calls.
  int Await(int bit, DWORD limit = kLimit);
  bool Came(int bit);
  // Waits for the event object, and records its events.
  bool Gather(DWORD limit);

  int Listen(sockaddr_storage* name);
  int Connect(const sockaddr_storage& name, const std::string& data = {},
              WSABUF* callee = nullptr, QOS* sqos = nullptr,
              QOS* gqos = nullptr);
  int Send(const std::string& data);
  // The error, or 0 and the data.
  int Receive(std::string* data, DWORD room = 65536, DWORD* flags = nullptr);
  // As Receive, once FD_READ has come. It may report data that an earlier call
  // has read: if nothing is there, this waits for the next.
  int AwaitData(std::string* data, DWORD room = 65536);
  // Everything received before the end of the stream.
  int ReceiveAll(std::string* data);
  int SendDisconnect(const std::string& data);
  int ReceiveDisconnect(std::string* data, ULONG room = 4096,
                        ULONG* length = nullptr);
  int Linger(int seconds);
  int Close();
};

// A condition function's behaviour, and its recorded arguments.
struct Condition {
  int verdict = CF_ACCEPT;
  std::string answer;
  // The length that it claims to answer with; -1: the answer's.
  int claims = -1;
  // Neither length nor buffer is touched.
  bool silent = false;
  void (*then)(Condition*) = nullptr;
  ULONG token_rate = 0;

  int calls = 0;
  std::string caller_data;
  bool had_caller_data = false;
  ULONG room = 0;
  bool had_qos = false;
  int caller_family = 0;
};

// The new socket, or INVALID_SOCKET and the error.
Socket Accept(const Socket& listener, Condition* condition, int* error);

}  // namespace host

#endif  // GOODBYTE_REFERENCE_PROVIDER_TEST_HOST_H_
