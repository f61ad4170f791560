#include "test/host.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace host {

WSPPROC_TABLE provider;
std::vector<WSAPROTOCOL_INFOW> entries;

namespace {

LPWSPSTARTUP start;
// A layer's count of calls of an entry, by its place in the table.
LONG(WSPAPI* calls)(DWORD entry);

// The contexts of the existing handles; 0: free again.
SRWLOCK lock = SRWLOCK_INIT;
std::vector<DWORD_PTR> contexts;
constexpr SOCKET kFirstHandle = 0x7000;

// The system's limit for a process.
constexpr ULONG_PTR kMostHandles = 8192;

DWORD_PTR* At(SOCKET s) {
  const size_t index = (s - kFirstHandle) / 4;
  const bool known = s >= kFirstHandle && index < contexts.size();
  return known && contexts[index] != 0 ? &contexts[index] : nullptr;
}

SOCKET WSPAPI CreateSocketHandle(DWORD, DWORD_PTR context, LPINT) {
  AcquireSRWLockExclusive(&lock);
  contexts.push_back(context);
  const SOCKET s = kFirstHandle + 4 * (contexts.size() - 1);
  ReleaseSRWLockExclusive(&lock);
  return s;
}

int WSPAPI CloseSocketHandle(SOCKET s, LPINT error) {
  AcquireSRWLockExclusive(&lock);
  DWORD_PTR* context = At(s);
  if (context != nullptr) *context = 0;
  ReleaseSRWLockExclusive(&lock);
  if (context != nullptr) return 0;
  *error = WSAENOTSOCK;
  return SOCKET_ERROR;
}

int WSPAPI QuerySocketHandleContext(SOCKET s, PDWORD_PTR context, LPINT error) {
  AcquireSRWLockShared(&lock);
  const DWORD_PTR* found = At(s);
  if (found != nullptr) *context = *found;
  ReleaseSRWLockShared(&lock);
  if (found != nullptr) return 0;
  *error = WSAENOTSOCK;
  return SOCKET_ERROR;
}

BOOL WSPAPI SetTheEvent(WSAEVENT event, LPINT) { return SetEvent(event); }
BOOL WSPAPI ResetTheEvent(WSAEVENT event, LPINT) { return ResetEvent(event); }

DWORD Room(const std::vector<WSAPROTOCOL_INFOW>& list) {
  return static_cast<DWORD>(list.size() * sizeof(WSAPROTOCOL_INFOW));
}

int Outcome(int result, int error) { return result == 0 ? 0 : error; }

WSABUF Buffer(const std::string& data) {
  return {static_cast<ULONG>(data.size()), const_cast<char*>(data.data())};
}

int CALLBACK Ask(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos,
                 LPQOS gqos, LPWSABUF callee_id, LPWSABUF callee_data, GROUP*,
                 DWORD_PTR data) {
  auto* condition = reinterpret_cast<Condition*>(data);
  condition->calls++;
  condition->had_caller_data = caller_data != nullptr;
  if (caller_data != nullptr) {
    condition->caller_data.assign(caller_data->buf, caller_data->len);
  }
  condition->room = callee_data->len;
  condition->had_qos = sqos != nullptr;
  condition->caller_family =
      reinterpret_cast<sockaddr*>(caller_id->buf)->sa_family;
  CHECK(gqos == nullptr);
  CHECK(callee_id->len >= sizeof(sockaddr_in));
  if (sqos != nullptr && condition->token_rate != 0) {
    sqos->SendingFlowspec.TokenRate = condition->token_rate;
  }
  if (!condition->silent) {
    const std::string& answer = condition->answer;
    const size_t length = std::min<size_t>(answer.size(), callee_data->len);
    std::memcpy(callee_data->buf, answer.data(), length);
    callee_data->len = condition->claims >= 0
                           ? condition->claims
                           : static_cast<ULONG>(answer.size());
  }
  if (condition->then != nullptr) condition->then(condition);
  return condition->verdict;
}

}  // namespace

void Load(const char* dll) {
  const HMODULE module = LoadLibraryA(dll);
  if (module == nullptr) {
    std::fprintf(stderr, "cannot load %s: %lu\n", dll, GetLastError());
    std::exit(2);
  }
  const auto find = [module](const char* name) {
    return reinterpret_cast<void*>(GetProcAddress(module, name));
  };
  start = reinterpret_cast<LPWSPSTARTUP>(find("WSPStartup"));
  const auto enumerate =
      reinterpret_cast<int(WSPAPI*)(LPWSAPROTOCOL_INFOW, LPDWORD)>(
          find("GoodbyteEnumProtocols"));
  if (start == nullptr || enumerate == nullptr) {
    std::fprintf(stderr, "%s does not export what it should\n", dll);
    std::exit(2);
  }
  calls = reinterpret_cast<LONG(WSPAPI*)(DWORD)>(find("GoodbyteCalls"));
  DWORD needed = 0;
  enumerate(nullptr, &needed);
  entries.resize(needed / sizeof(WSAPROTOCOL_INFOW));
  const int count = enumerate(entries.data(), &needed);
  if (count < 1 || Room(entries) != needed) {
    std::fprintf(stderr, "%s does not list its entries\n", dll);
    std::exit(2);
  }
}

int Start(WORD version, WSPDATA* data) {
  WSPUPCALLTABLE upcalls = {};
  upcalls.lpWPUCreateSocketHandle = CreateSocketHandle;
  upcalls.lpWPUCloseSocketHandle = CloseSocketHandle;
  upcalls.lpWPUQuerySocketHandleContext = QuerySocketHandleContext;
  upcalls.lpWPUSetEvent = SetTheEvent;
  upcalls.lpWPUResetEvent = ResetTheEvent;
  return start(version, data, &entries[0], upcalls, &provider);
}

void Stop() {
  int error = 0;
  SAME(provider.lpWSPCleanup(&error), 0);
}

int OpenHandles() {
  AcquireSRWLockShared(&lock);
  const auto free = std::count(contexts.begin(), contexts.end(), 0);
  const int open = static_cast<int>(contexts.size() - free);
  ReleaseSRWLockShared(&lock);
  return open;
}

bool PassedOn() {
  if (calls == nullptr) return true;
  const auto called = [](size_t offset) {
    return calls(static_cast<DWORD>(offset / sizeof(void*))) > 0;
  };
  return called(offsetof(WSPPROC_TABLE, lpWSPSocket)) &&
         called(offsetof(WSPPROC_TABLE, lpWSPConnect)) &&
         called(offsetof(WSPPROC_TABLE, lpWSPAccept)) &&
         called(offsetof(WSPPROC_TABLE, lpWSPSend)) &&
         called(offsetof(WSPPROC_TABLE, lpWSPRecv)) &&
         called(offsetof(WSPPROC_TABLE, lpWSPSendDisconnect)) &&
         called(offsetof(WSPPROC_TABLE, lpWSPRecvDisconnect)) &&
         called(offsetof(WSPPROC_TABLE, lpWSPCloseSocket)) &&
         called(offsetof(WSPPROC_TABLE, lpWSPCleanup));
}

DWORD KernelHandles() {
  DWORD count = 0;
  GetProcessHandleCount(GetCurrentProcess(), &count);
  if (count > 0) return count;
  // Wine does not count them: ask of each that may be one.
  for (ULONG_PTR value = 4; value <= 4 * kMostHandles; value += 4) {
    DWORD flags;
    if (GetHandleInformation(reinterpret_cast<HANDLE>(value), &flags)) count++;
  }
  return count;
}

const WSAPROTOCOL_INFOW& EntryOf(int family, int type) {
  return *std::find_if(entries.begin(), entries.end(), [=](const auto& entry) {
    return entry.iAddressFamily == family && entry.iSocketType == type;
  });
}

sockaddr_storage Local(int port) {
  sockaddr_storage name = {};
  auto* address = reinterpret_cast<sockaddr_in*>(&name);
  address->sin_family = AF_INET;
  address->sin_port = htons(static_cast<u_short>(port));
  address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return name;
}

int PortOf(const sockaddr_storage& name) {
  return ntohs(reinterpret_cast<const sockaddr_in*>(&name)->sin_port);
}

Socket Socket::Open(int family, int type) {
  WSAPROTOCOL_INFOW entry = EntryOf(family, type);
  int error = 0;
  const SOCKET s = provider.lpWSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
                                        FROM_PROTOCOL_INFO, &entry, 0,
                                        WSA_FLAG_OVERLAPPED, &error);
  SAME(error, 0);
  CHECK(s != INVALID_SOCKET);
  return Socket(s);
}

void Socket::Watch() {
  if (event == nullptr) event = WSACreateEvent();
  int error = 0;
  SAME(provider.lpWSPEventSelect(s, event, FD_ALL_EVENTS, &error), 0);
}

bool Socket::Gather(DWORD limit) {
  if (WaitForSingleObject(event, limit) != 0) return false;
  WSANETWORKEVENTS events = {};
  int error = 0;
  provider.lpWSPEnumNetworkEvents(s, event, &events, &error);
  for (int i = 0; i < FD_MAX_EVENTS; i++) {
    if ((events.lNetworkEvents & (1 << i)) == 0) continue;
    seen.lNetworkEvents |= 1 << i;
    seen.iErrorCode[i] = events.iErrorCode[i];
  }
  return true;
}

int Socket::Await(int bit, DWORD limit) {
  const ULONGLONG end = GetTickCount64() + limit;
  while ((seen.lNetworkEvents & (1 << bit)) == 0) {
    const ULONGLONG now = GetTickCount64();
    const ULONGLONG left = now < end ? end - now : 0;
    if (!Gather(static_cast<DWORD>(left))) return -1;
  }
  seen.lNetworkEvents &= ~(1 << bit);
  return seen.iErrorCode[bit];
}

bool Socket::Came(int bit) { return Await(bit, 0) != -1; }

int Socket::Listen(sockaddr_storage* name) {
  int family = AF_INET;
  WSAPROTOCOL_INFOW info = {};
  int length = sizeof info;
  int error = 0;
  if (provider.lpWSPGetSockOpt(s, SOL_SOCKET, SO_PROTOCOL_INFOW,
                               reinterpret_cast<char*>(&info), &length,
                               &error) == 0) {
    family = info.iAddressFamily;
  }
  *name = Local(0);
  length = sizeof(sockaddr_in);
  if (family == AF_INET6) {
    *name = {};
    name->ss_family = AF_INET6;
    reinterpret_cast<sockaddr_in6*>(name)->sin6_addr = in6addr_loopback;
    length = sizeof(sockaddr_in6);
  }
  auto* address = reinterpret_cast<sockaddr*>(name);
  if (provider.lpWSPBind(s, address, length, &error) != 0) return error;
  if (provider.lpWSPListen(s, 64, &error) != 0) return error;
  length = sizeof *name;
  return Outcome(provider.lpWSPGetSockName(s, address, &length, &error), error);
}

int Socket::Connect(const sockaddr_storage& name, const std::string& data,
                    WSABUF* callee, QOS* sqos, QOS* gqos) {
  WSABUF caller = Buffer(data);
  int error = 0;
  const int length = name.ss_family == AF_INET6 ? sizeof(sockaddr_in6)
                                                : sizeof(sockaddr_in);
  const int result = provider.lpWSPConnect(
      s, reinterpret_cast<const sockaddr*>(&name), length,
      data.empty() ? nullptr : &caller, callee, sqos, gqos, &error);
  return Outcome(result, error);
}

int Socket::Send(const std::string& data) {
  WSABUF buffer = Buffer(data);
  DWORD sent = 0;
  int error = 0;
  const int result = provider.lpWSPSend(s, &buffer, 1, &sent, 0, nullptr,
                                        nullptr, nullptr, &error);
  if (result == 0) SAME(sent, data.size());
  return Outcome(result, error);
}

int Socket::Receive(std::string* data, DWORD room, DWORD* flags) {
  data->assign(room, '\0');
  WSABUF buffer = Buffer(*data);
  DWORD received = 0;
  DWORD none = 0;
  int error = 0;
  const int result =
      provider.lpWSPRecv(s, &buffer, 1, &received,
                         flags != nullptr ? flags : &none, nullptr, nullptr,
                         nullptr, &error);
  data->resize(received);
  return Outcome(result, error);
}

int Socket::AwaitData(std::string* data, DWORD room) {
  int status = WSAEWOULDBLOCK;
  while (status == WSAEWOULDBLOCK) {
    if (Await(FD_READ_BIT) != 0) return WSAETIMEDOUT;
    status = Receive(data, room);
  }
  return status;
}

int Socket::ReceiveAll(std::string* data) {
  data->clear();
  for (;;) {
    std::string piece;
    const int status = Receive(&piece);
    if (status == WSAEWOULDBLOCK) {
      if (!Gather(kLimit)) return WSAETIMEDOUT;
      continue;
    }
    if (status != 0 || piece.empty()) return status;
    *data += piece;
  }
}

int Socket::SendDisconnect(const std::string& data) {
  WSABUF buffer = Buffer(data);
  int error = 0;
  const int result = provider.lpWSPSendDisconnect(
      s, data.empty() ? nullptr : &buffer, &error);
  return Outcome(result, error);
}

int Socket::ReceiveDisconnect(std::string* data, ULONG room, ULONG* length) {
  data->assign(room, '\0');
  WSABUF buffer = Buffer(*data);
  int error = 0;
  const int result = provider.lpWSPRecvDisconnect(s, &buffer, &error);
  if (length != nullptr) *length = buffer.len;
  data->resize(result == 0 ? buffer.len : 0);
  return Outcome(result, error);
}

int Socket::Linger(int seconds) {
  const LINGER linger = {1, static_cast<u_short>(seconds)};
  int error = 0;
  const int result = provider.lpWSPSetSockOpt(
      s, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&linger),
      sizeof linger, &error);
  return Outcome(result, error);
}

int Socket::Close() {
  int error = 0;
  const int result = provider.lpWSPCloseSocket(s, &error);
  if (event != nullptr) WSACloseEvent(event);
  event = nullptr;
  return Outcome(result, error);
}

Socket Accept(const Socket& listener, Condition* condition, int* error) {
  *error = 0;
  sockaddr_storage name = {};
  int length = sizeof name;
  const SOCKET s = provider.lpWSPAccept(
      listener.s, reinterpret_cast<sockaddr*>(&name), &length,
      condition != nullptr ? Ask : nullptr,
      reinterpret_cast<DWORD_PTR>(condition), error);
  return Socket(s);
}

}  // namespace host
