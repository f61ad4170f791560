#include "test/cases.h"

using host::Socket;

namespace cases {

namespace {

constexpr int kConnections = 2000;

// One exchange of last words; all is closed by both at the end.
void Exchange(Socket* listener, const sockaddr_storage& name) {
  Socket client = Socket::Open();
  client.Watch();
  SAME(client.Connect(name, "hello"), WSAEWOULDBLOCK);
  Socket server = AcceptNext(listener);
  SAME(client.Await(FD_CONNECT_BIT), 0);
  SAME(client.SendDisconnect("bye"), 0);
  SAME(server.Await(FD_CLOSE_BIT), 0);
  SAME(server.SendDisconnect("bye"), 0);
  SAME(server.Close(), 0);
  SAME(client.Await(FD_CLOSE_BIT), 0);
  SAME(client.Close(), 0);
}

// Waits until background closes have finished.
DWORD Settled(DWORD wanted) {
  const ULONGLONG end = GetTickCount64() + host::kLimit;
  while (host::KernelHandles() > wanted && GetTickCount64() < end) Sleep(10);
  return host::KernelHandles();
}

}  // namespace

bool OfHandles() {
  Socket listener = Socket::Open();
  sockaddr_storage name;
  SAME(listener.Listen(&name), 0);
  listener.Watch();
  // The first few create the objects that are created once.
  for (int i = 0; i < 10; i++) Exchange(&listener, name);
  Sleep(500);
  const DWORD before = host::KernelHandles();
  const int handles = host::OpenHandles();
  CHECK(before > 0);
  for (int i = 0; i < kConnections; i++) Exchange(&listener, name);
  SAME(host::OpenHandles(), handles);
  SAME(Settled(before), before);
  SAME(listener.Close(), 0);
  return check::End("2,000 connections leave no handle behind");
}

}  // namespace cases
