// The tests, by subject.
#ifndef GOODBYTE_REFERENCE_PROVIDER_TEST_CASES_H_
#define GOODBYTE_REFERENCE_PROVIDER_TEST_CASES_H_

#include "test/host.h"

namespace cases {

// A socket that listens, and one that has not called it yet, each with its
// events selected.
struct Ends {
  host::Socket listener;
  host::Socket client;
  sockaddr_storage name;

  explicit Ends(int family = AF_INET, int type = SOCK_STREAM);
  void Close();
};

// The same, connected.
struct Pair : Ends {
  host::Socket server;

  explicit Pair(int type = SOCK_STREAM);
  void Close();
};

// Accepts the one that calls, waiting for its request.
host::Socket AcceptNext(host::Socket* listener,
                        host::Condition* condition = nullptr);

// Octets, every value of them.
std::string Octets(size_t length);

// Prints a line for each case. Returns whether all were right.
bool OfStart();
bool OfConnect();
bool OfAccept();
bool OfData();
bool OfTeardown();
bool OfBlocking();
bool OfHandles();

// One side of the eight steps, with a peer that is not in this process.
bool EightStepsClient(int port);
bool EightStepsServer();

// With peers outside this process, which may break the rules: prints the fate
// of the connections, for them to judge. A server serves until a caller sends
// "enough".
bool Serve();
bool Call(int port);

// The fault that the twin of this name must show.
bool OfTwin(const std::string& twin);

}  // namespace cases

#endif  // GOODBYTE_REFERENCE_PROVIDER_TEST_CASES_H_
