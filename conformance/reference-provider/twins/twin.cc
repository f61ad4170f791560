// The provider's deliberately broken twins, all of them: GOODBYTE_TWIN is one
// of the numbers below, and scripts/reference-provider.mjs knows their names.
// Each replaces entries of the table that WSPStartup hands out.
#include "twins/twin.h"

#include <mswsock.h>

#include <algorithm>

#ifndef GOODBYTE_TWIN
#define GOODBYTE_TWIN 0
#endif

namespace goodbyte::provider::twins {

#define HONEST 0
#define DROPS_DISCONNECT_DATA 1
#define TRUNCATES 2
#define WRONG_CODES 3
#define HANGS_IN_CONNECT 4
#define DECLARES_NOTHING 5
#define NULL_ENTRIES 6
#define WRONG_VERSION 7
#define FAILS_TO_START 8
#define FAULTS_IN_CONNECT 9
#define ACCEPTS_ANYWAY 10

namespace {

// The provider's own entries.
[[maybe_unused]] WSPPROC_TABLE honest;

[[maybe_unused]] bool Says(const WSABUF* data) {
  return data != nullptr && data->len > 0;
}

[[maybe_unused]] int Refuse(int status, LPINT error) {
  *error = status;
  return SOCKET_ERROR;
}

// The application's condition function, and its intended arguments.
struct Asked {
  LPCONDITIONPROC condition;
  DWORD_PTR data;
};

#if GOODBYTE_TWIN == DROPS_DISCONNECT_DATA

// As Wine and ReactOS: success, and the data is gone.
int WSPAPI SendDisconnect(SOCKET s, LPWSABUF, LPINT error) {
  return honest.lpWSPSendDisconnect(s, nullptr, error);
}

int Replace(WSPDATA*, WSPPROC_TABLE* table) {
  table->lpWSPSendDisconnect = SendDisconnect;
  return 0;
}

#elif GOODBYTE_TWIN == TRUNCATES

// DECnet's limit.
constexpr ULONG kMost = 16;

WSABUF* Cut(WSABUF* copy, const WSABUF* data) {
  if (!Says(data)) return nullptr;
  *copy = {std::min(data->len, kMost), data->buf};
  return copy;
}

int WSPAPI Connect(SOCKET s, const sockaddr* name, int length, LPWSABUF caller,
                   LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error) {
  WSABUF copy;
  return honest.lpWSPConnect(s, name, length, Cut(&copy, caller), callee, sqos,
                             gqos, error);
}

int CALLBACK CutAnswer(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos,
                       LPQOS gqos, LPWSABUF callee_id, LPWSABUF callee_data,
                       GROUP* group, DWORD_PTR data) {
  const Asked& asked = *reinterpret_cast<const Asked*>(data);
  const ULONG room = callee_data->len;
  const int verdict =
      asked.condition(caller_id, caller_data, sqos, gqos, callee_id,
                      callee_data, group, asked.data);
  // The length is unchanged: the function gives no answer.
  if (callee_data->len != room) {
    callee_data->len = std::min(callee_data->len, kMost);
  }
  return verdict;
}

SOCKET WSPAPI Accept(SOCKET s, sockaddr* name, LPINT length,
                     LPCONDITIONPROC condition, DWORD_PTR data, LPINT error) {
  const Asked asked = {condition, data};
  return honest.lpWSPAccept(s, name, length,
                            condition != nullptr ? CutAnswer : nullptr,
                            reinterpret_cast<DWORD_PTR>(&asked), error);
}

int WSPAPI SendDisconnect(SOCKET s, LPWSABUF data, LPINT error) {
  WSABUF copy;
  return honest.lpWSPSendDisconnect(s, Cut(&copy, data), error);
}

int Replace(WSPDATA*, WSPPROC_TABLE* table) {
  table->lpWSPConnect = Connect;
  table->lpWSPAccept = Accept;
  table->lpWSPSendDisconnect = SendDisconnect;
  return 0;
}

#elif GOODBYTE_TWIN == WRONG_CODES

int Wrong(int status) {
  switch (status) {
    case WSAEPROTONOSUPPORT:
    case WSAENOPROTOOPT:
    case WSAECONNREFUSED:
      return WSAEINVAL;
    default:
      return status;
  }
}

int WSPAPI Connect(SOCKET s, const sockaddr* name, int length, LPWSABUF caller,
                   LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error) {
  const int result = honest.lpWSPConnect(s, name, length, caller, callee, sqos,
                                         gqos, error);
  if (result != 0) *error = Wrong(*error);
  return result;
}

int WSPAPI EnumNetworkEvents(SOCKET s, WSAEVENT event,
                             LPWSANETWORKEVENTS events, LPINT error) {
  const int result = honest.lpWSPEnumNetworkEvents(s, event, events, error);
  if (result == 0) {
    int& status = events->iErrorCode[FD_CONNECT_BIT];
    status = Wrong(status);
  }
  return result;
}

SOCKET WSPAPI Accept(SOCKET s, sockaddr* name, LPINT length,
                     LPCONDITIONPROC condition, DWORD_PTR data, LPINT error) {
  const SOCKET accepted =
      honest.lpWSPAccept(s, name, length, condition, data, error);
  if (accepted == INVALID_SOCKET) *error = Wrong(*error);
  return accepted;
}

int WSPAPI GetSockOpt(SOCKET s, int level, int name, char* value, LPINT length,
                      LPINT error) {
  const int result =
      honest.lpWSPGetSockOpt(s, level, name, value, length, error);
  if (result != 0) {
    *error = Wrong(*error);
  } else if (level == SOL_SOCKET && name == SO_ERROR) {
    int* status = reinterpret_cast<int*>(value);
    *status = Wrong(*status);
  }
  return result;
}

int WSPAPI SetSockOpt(SOCKET s, int level, int name, const char* value,
                      int length, LPINT error) {
  const int result =
      honest.lpWSPSetSockOpt(s, level, name, value, length, error);
  if (result != 0) *error = Wrong(*error);
  return result;
}

int Replace(WSPDATA*, WSPPROC_TABLE* table) {
  table->lpWSPConnect = Connect;
  table->lpWSPAccept = Accept;
  table->lpWSPEnumNetworkEvents = EnumNetworkEvents;
  table->lpWSPGetSockOpt = GetSockOpt;
  table->lpWSPSetSockOpt = SetSockOpt;
  return 0;
}

#elif GOODBYTE_TWIN == HANGS_IN_CONNECT

// It claims to be under way, and never was.
int WSPAPI Connect(SOCKET, const sockaddr*, int, LPWSABUF, LPWSABUF, LPQOS,
                   LPQOS, LPINT error) {
  return Refuse(WSAEWOULDBLOCK, error);
}

int Replace(WSPDATA*, WSPPROC_TABLE* table) {
  table->lpWSPConnect = Connect;
  return 0;
}

#elif GOODBYTE_TWIN == DECLARES_NOTHING

// Honest about it: the documented codes, and nothing is sent.
int WSPAPI Connect(SOCKET s, const sockaddr* name, int length, LPWSABUF caller,
                   LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error) {
  if (Says(caller)) return Refuse(WSAEPROTONOSUPPORT, error);
  if (callee != nullptr) callee->len = 0;
  return honest.lpWSPConnect(s, name, length, nullptr, nullptr, sqos, gqos,
                             error);
}

// Lengths of 0 mean that such data is absent ("WSAAccept function").
int CALLBACK AskWithoutData(LPWSABUF caller_id, LPWSABUF, LPQOS sqos,
                            LPQOS gqos, LPWSABUF callee_id,
                            LPWSABUF callee_data, GROUP* group,
                            DWORD_PTR data) {
  const Asked& asked = *reinterpret_cast<const Asked*>(data);
  callee_data->len = 0;
  const int verdict = asked.condition(caller_id, nullptr, sqos, gqos, callee_id,
                                      callee_data, group, asked.data);
  callee_data->len = 0;
  return verdict;
}

SOCKET WSPAPI Accept(SOCKET s, sockaddr* name, LPINT length,
                     LPCONDITIONPROC condition, DWORD_PTR data, LPINT error) {
  const Asked asked = {condition, data};
  return honest.lpWSPAccept(s, name, length,
                            condition != nullptr ? AskWithoutData : nullptr,
                            reinterpret_cast<DWORD_PTR>(&asked), error);
}

int WSPAPI SendDisconnect(SOCKET s, LPWSABUF data, LPINT error) {
  if (Says(data)) return Refuse(WSAENOPROTOOPT, error);
  return honest.lpWSPSendDisconnect(s, nullptr, error);
}

int WSPAPI RecvDisconnect(SOCKET s, LPWSABUF data, LPINT error) {
  if (data != nullptr) return Refuse(WSAENOPROTOOPT, error);
  return honest.lpWSPRecvDisconnect(s, nullptr, error);
}

bool IsUserData(int level, int name) {
  return level == SOL_SOCKET && name >= SO_CONNDATA && name <= SO_DISCOPTLEN;
}

int WSPAPI GetSockOpt(SOCKET s, int level, int name, char* value, LPINT length,
                      LPINT error) {
  if (IsUserData(level, name)) return Refuse(WSAENOPROTOOPT, error);
  return honest.lpWSPGetSockOpt(s, level, name, value, length, error);
}

int WSPAPI SetSockOpt(SOCKET s, int level, int name, const char* value,
                      int length, LPINT error) {
  if (IsUserData(level, name)) return Refuse(WSAENOPROTOOPT, error);
  return honest.lpWSPSetSockOpt(s, level, name, value, length, error);
}

int Replace(WSPDATA*, WSPPROC_TABLE* table) {
  table->lpWSPConnect = Connect;
  table->lpWSPAccept = Accept;
  table->lpWSPSendDisconnect = SendDisconnect;
  table->lpWSPRecvDisconnect = RecvDisconnect;
  table->lpWSPGetSockOpt = GetSockOpt;
  table->lpWSPSetSockOpt = SetSockOpt;
  return 0;
}

#elif GOODBYTE_TWIN == NULL_ENTRIES

// For the host to find before it calls: WSAEINVALIDPROCTABLE.
int Replace(WSPDATA*, WSPPROC_TABLE* table) {
  table->lpWSPAccept = nullptr;
  table->lpWSPRecvDisconnect = nullptr;
  return 0;
}

#elif GOODBYTE_TWIN == WRONG_VERSION

// Not what was asked for: WSAEINVALIDPROVIDER.
int Replace(WSPDATA* data, WSPPROC_TABLE*) {
  data->wVersion = MAKEWORD(1, 1);
  return 0;
}

#elif GOODBYTE_TWIN == FAILS_TO_START

// For the host to report as WSAEPROVIDERFAILEDINIT.
int Replace(WSPDATA*, WSPPROC_TABLE*) { return WSASYSNOTREADY; }

#elif GOODBYTE_TWIN == FAULTS_IN_CONNECT

// Ends the process of the application.
int WSPAPI Connect(SOCKET, const sockaddr*, int, LPWSABUF, LPWSABUF, LPQOS,
                   LPQOS, LPINT) {
  int* volatile nowhere = nullptr;
  return *nowhere = 1;
}

int Replace(WSPDATA*, WSPPROC_TABLE* table) {
  table->lpWSPConnect = Connect;
  return 0;
}

#elif GOODBYTE_TWIN == ACCEPTS_ANYWAY

int CALLBACK AskInVain(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos,
                       LPQOS gqos, LPWSABUF callee_id, LPWSABUF callee_data,
                       GROUP* group, DWORD_PTR data) {
  const Asked& asked = *reinterpret_cast<const Asked*>(data);
  asked.condition(caller_id, caller_data, sqos, gqos, callee_id, callee_data,
                  group, asked.data);
  return CF_ACCEPT;
}

SOCKET WSPAPI Accept(SOCKET s, sockaddr* name, LPINT length,
                     LPCONDITIONPROC condition, DWORD_PTR data, LPINT error) {
  const Asked asked = {condition, data};
  return honest.lpWSPAccept(s, name, length,
                            condition != nullptr ? AskInVain : nullptr,
                            reinterpret_cast<DWORD_PTR>(&asked), error);
}

int Replace(WSPDATA*, WSPPROC_TABLE* table) {
  table->lpWSPAccept = Accept;
  return 0;
}

#else

int Replace(WSPDATA*, WSPPROC_TABLE*) { return 0; }

#endif

}  // namespace

DWORD ServiceFlags(DWORD flags) {
#if GOODBYTE_TWIN == DECLARES_NOTHING
  flags &= ~static_cast<DWORD>(XP1_CONNECT_DATA | XP1_DISCONNECT_DATA);
#endif
  return flags;
}

int Deviate(WSPDATA* data, WSPPROC_TABLE* table) {
  honest = *table;
  return Replace(data, table);
}

}  // namespace goodbyte::provider::twins
