#include "win/winsock/table.h"

#include <cstring>

namespace goodbyte::winsock {

namespace {

// Winsock leaves its error in the thread, a provider's entry in lpErrno.
int Reported(int result, LPINT error) {
  if (result == SOCKET_ERROR) *error = WSAGetLastError();
  return result;
}

SOCKET ReportedSocket(SOCKET result, LPINT error) {
  if (result == INVALID_SOCKET) *error = WSAGetLastError();
  return result;
}

SOCKET WSPAPI Accept(SOCKET s, sockaddr* name, LPINT length,
                     LPCONDITIONPROC condition, DWORD_PTR data, LPINT error) {
  return ReportedSocket(WSAAccept(s, name, length, condition, data), error);
}

int WSPAPI Bind(SOCKET s, const sockaddr* name, int length, LPINT error) {
  return Reported(bind(s, name, length), error);
}

int WSPAPI Cleanup(LPINT error) { return Reported(WSACleanup(), error); }

int WSPAPI CloseSocket(SOCKET s, LPINT error) {
  return Reported(closesocket(s), error);
}

int WSPAPI Connect(SOCKET s, const sockaddr* name, int length,
                   LPWSABUF caller_data, LPWSABUF callee_data, LPQOS sqos,
                   LPQOS gqos, LPINT error) {
  return Reported(
      WSAConnect(s, name, length, caller_data, callee_data, sqos, gqos), error);
}

int WSPAPI EnumNetworkEvents(SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS found,
                             LPINT error) {
  return Reported(WSAEnumNetworkEvents(s, event, found), error);
}

int WSPAPI EventSelect(SOCKET s, WSAEVENT event, long mask, LPINT error) {
  return Reported(WSAEventSelect(s, event, mask), error);
}

int WSPAPI GetPeerName(SOCKET s, sockaddr* name, LPINT length, LPINT error) {
  return Reported(getpeername(s, name, length), error);
}

int WSPAPI GetSockName(SOCKET s, sockaddr* name, LPINT length, LPINT error) {
  return Reported(getsockname(s, name, length), error);
}

int WSPAPI GetSockOpt(SOCKET s, int level, int name, char* value, LPINT length,
                      LPINT error) {
  return Reported(getsockopt(s, level, name, value, length), error);
}

int WSPAPI Listen(SOCKET s, int backlog, LPINT error) {
  return Reported(listen(s, backlog), error);
}

int WSPAPI Recv(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                LPDWORD flags, LPWSAOVERLAPPED overlapped,
                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID,
                LPINT error) {
  return Reported(
      WSARecv(s, buffers, count, received, flags, overlapped, routine), error);
}

int WSPAPI RecvDisconnect(SOCKET s, LPWSABUF data, LPINT error) {
  return Reported(WSARecvDisconnect(s, data), error);
}

int WSPAPI Send(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent,
                DWORD flags, LPWSAOVERLAPPED overlapped,
                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID,
                LPINT error) {
  return Reported(WSASend(s, buffers, count, sent, flags, overlapped, routine),
                  error);
}

int WSPAPI SendDisconnect(SOCKET s, LPWSABUF data, LPINT error) {
  return Reported(WSASendDisconnect(s, data), error);
}

int WSPAPI SetSockOpt(SOCKET s, int level, int name, const char* value,
                      int length, LPINT error) {
  return Reported(setsockopt(s, level, name, value, length), error);
}

int WSPAPI Shutdown(SOCKET s, int how, LPINT error) {
  return Reported(shutdown(s, how), error);
}

SOCKET WSPAPI OpenSocket(int family, int type, int protocol,
                         LPWSAPROTOCOL_INFOW info, GROUP group, DWORD flags,
                         LPINT error) {
  return ReportedSocket(
      WSASocketW(family, type, protocol, info, group, flags), error);
}

}  // namespace

WSPPROC_TABLE SystemTable() {
  WSPPROC_TABLE table = {};
  table.lpWSPAccept = Accept;
  table.lpWSPBind = Bind;
  table.lpWSPCleanup = Cleanup;
  table.lpWSPCloseSocket = CloseSocket;
  table.lpWSPConnect = Connect;
  table.lpWSPEnumNetworkEvents = EnumNetworkEvents;
  table.lpWSPEventSelect = EventSelect;
  table.lpWSPGetPeerName = GetPeerName;
  table.lpWSPGetSockName = GetSockName;
  table.lpWSPGetSockOpt = GetSockOpt;
  table.lpWSPListen = Listen;
  table.lpWSPRecv = Recv;
  table.lpWSPRecvDisconnect = RecvDisconnect;
  table.lpWSPSend = Send;
  table.lpWSPSendDisconnect = SendDisconnect;
  table.lpWSPSetSockOpt = SetSockOpt;
  table.lpWSPShutdown = Shutdown;
  table.lpWSPSocket = OpenSocket;
  return table;
}

bool IsComplete(const WSPPROC_TABLE& table) {
  // It is a structure of function pointers only.
  void* entries[sizeof table / sizeof(void*)];
  static_assert(sizeof entries == sizeof table, "pointers alone");
  std::memcpy(entries, &table, sizeof table);
  for (const void* entry : entries) {
    if (entry == nullptr) return false;
  }
  return true;
}

}  // namespace goodbyte::winsock
