// test-host.exe DLL            all cases on an honest provider
// test-host.exe DLL client N   the eight steps with a server at port N
// test-host.exe DLL server     the same as a server; prints its port first
// test-host.exe DLL serve        takes whoever calls, and says what came of it
// test-host.exe DLL call N...    the same, of those that it calls
// test-host.exe DLL twin NAME  what is to be seen of a broken twin
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "test/cases.h"

int main(int count, char** arguments) {
  if (count < 2) return 2;
  // Winsock itself, for the host's own calls.
  WSADATA data;
  WSAStartup(MAKEWORD(2, 2), &data);
  host::Load(arguments[1]);
  const std::string what = count > 2 ? arguments[2] : "";
  if (what == "twin" && count > 3) return cases::OfTwin(arguments[3]) ? 0 : 1;

  WSPDATA started = {};
  if (host::Start(MAKEWORD(2, 2), &started) != 0) return 2;
  bool right = true;
  if (what == "client" && count > 3) {
    right = cases::EightStepsClient(std::atoi(arguments[3]));
  } else if (what == "server") {
    right = cases::EightStepsServer();
  } else if (what == "serve") {
    right = cases::Serve();
  } else if (what == "call") {
    for (int i = 3; i < count; i++) {
      right = cases::Call(std::atoi(arguments[i])) && right;
    }
  } else {
    for (const auto run :
         {cases::OfStart, cases::OfConnect, cases::OfAccept, cases::OfData,
          cases::OfTeardown, cases::OfBlocking, cases::OfHandles}) {
      right = run() && right;
    }
    CHECK(host::PassedOn());
    right = check::End("a layer passes calls on") && right;
  }
  host::Stop();
  SAME(host::OpenHandles(), 0);
  right = check::End("every handle was given back") && right;
  return right ? 0 : 1;
}
