// WSPGetSockOpt and WSPSetSockOpt.
#include <mswsock.h>
#include <ws2tcpip.h>

#include <algorithm>
#include <cstring>

#include "session/limits.h"
#include "spi/socket.h"

namespace goodbyte::provider {

namespace {

template <typename Value>
int Put(const Value& from, char* value, int* length) {
  if (*length < static_cast<int>(sizeof from)) return WSAEFAULT;
  std::memcpy(value, &from, sizeof from);
  *length = sizeof from;
  return 0;
}

// A BOOL may be given in one octet.
bool Flag(const char* value, int length) {
  return std::any_of(value, value + length,
                     [](char octet) { return octet != 0; });
}

// Whether TCP's own socket handles the option.
bool IsOfTcp(int level, int name) {
  switch (level) {
    case SOL_SOCKET:
      return name == SO_KEEPALIVE || name == SO_REUSEADDR ||
             name == SO_EXCLUSIVEADDRUSE || name == SO_SNDBUF ||
             name == SO_RCVBUF;
    case IPPROTO_TCP:
      return true;
    case IPPROTO_IPV6:
      return name == IPV6_V6ONLY;
    default:
      return false;
  }
}

}  // namespace

int Socket::GetOption(int level, int name, char* value, int* length) {
  if (value == nullptr || length == nullptr) return WSAEFAULT;
  if (IsOfTcp(level, name)) {
    SOCKET socket;
    if (int status = NeedSystemSocket(&socket)) return status;
    return getsockopt(socket, level, name, value, length) == 0
               ? 0
               : WSAGetLastError();
  }
  if (level != SOL_SOCKET) return WSAENOPROTOOPT;
  switch (name) {
    case SO_PROTOCOL_INFOW:
      return Put(info_, value, length);
    case SO_TYPE:
      return Put(type(), value, length);
    case SO_ACCEPTCONN:
      return Put<BOOL>(stage_ == Stage::kListening, value, length);
    case SO_MAX_MSG_SIZE:
      return Put<unsigned>(info_.dwMessageSize, value, length);
    case SO_CONDITIONAL_ACCEPT:
      return Put<BOOL>(options_.conditional_accept, value, length);
    case SO_LINGER: {
      const LINGER linger = {
          static_cast<u_short>(options_.linger.has_value()),
          static_cast<u_short>(options_.linger.value_or(0))};
      return Put(linger, value, length);
    }
    case SO_DONTLINGER:
      return Put<BOOL>(!options_.linger.has_value(), value, length);
    case SO_ERROR: {
      const int status = Put(error_, value, length);
      if (status == 0) error_ = 0;
      return status;
    }
    default:
      return GetWords(name, value, length);
  }
}

// Reads user data that was received from the peer.
int Socket::GetWords(int name, char* value, int* length) const {
  static const Words kNone;
  const Words* last = &kNone;
  if (connection_) connection_->ReadLastWords(&last);
  const Octets* octets;
  switch (name) {
    case SO_CONNDATA:
    case SO_CONNDATALEN:
      octets = &heard_.data;
      break;
    case SO_CONNOPT:
    case SO_CONNOPTLEN:
      octets = &heard_.options;
      break;
    case SO_DISCDATA:
    case SO_DISCDATALEN:
      octets = &last->data;
      break;
    case SO_DISCOPT:
    case SO_DISCOPTLEN:
      octets = &last->options;
      break;
    default:
      return WSAENOPROTOOPT;
  }
  if (name >= SO_CONNDATALEN) {
    return Put(static_cast<int>(octets->size()), value, length);
  }
  const int needed = static_cast<int>(octets->size());
  if (*length < needed) return WSAEFAULT;
  std::copy(octets->begin(), octets->end(), value);
  *length = needed;
  return 0;
}

int Socket::SetOption(int level, int name, const char* value, int length) {
  if (length < 0 || (value == nullptr && length > 0)) return WSAEFAULT;
  if (IsOfTcp(level, name)) {
    SOCKET socket;
    if (int status = NeedSystemSocket(&socket)) return status;
    return setsockopt(socket, level, name, value, length) == 0
               ? 0
               : WSAGetLastError();
  }
  if (level != SOL_SOCKET) return WSAENOPROTOOPT;
  switch (name) {
    case SO_CONDITIONAL_ACCEPT:
      if (stage_ == Stage::kListening) return WSAEINVAL;
      options_.conditional_accept = Flag(value, length);
      return 0;
    case SO_LINGER: {
      LINGER linger;
      if (length < static_cast<int>(sizeof linger)) return WSAEFAULT;
      std::memcpy(&linger, value, sizeof linger);
      options_.linger.reset();
      if (linger.l_onoff != 0) options_.linger = linger.l_linger;
      return 0;
    }
    case SO_DONTLINGER:
      options_.linger.reset();
      if (!Flag(value, length)) options_.linger = 0;
      return 0;
    case SO_CONNDATALEN:
    case SO_CONNOPTLEN:
    case SO_DISCDATALEN:
    case SO_DISCOPTLEN:
      return SetRoom(name, value, length);
    default:
      return SetWords(name, value, length);
  }
}

int Socket::SetWords(int name, const char* value, int length) {
  const bool connect = name == SO_CONNDATA || name == SO_CONNOPT;
  if (!connect && name != SO_DISCDATA && name != SO_DISCOPT) {
    return WSAENOPROTOOPT;
  }
  if (static_cast<size_t>(length) > kMostUserData) return WSAEFAULT;
  if (connect && stage_ == Stage::kConnected) return WSAEISCONN;
  if (!connect && stage_ == Stage::kConnected &&
      static_cast<size_t>(length) > connection_->last_word_room()) {
    return WSAEMSGSIZE;
  }
  Words& words = connect ? options_.connect_words : options_.disconnect_words;
  const bool data = name == SO_CONNDATA || name == SO_DISCDATA;
  (data ? words.data : words.options).assign(value, value + length);
  return 0;
}

int Socket::SetRoom(int name, const char* value, int length) {
  int room;
  if (length < static_cast<int>(sizeof room)) return WSAEFAULT;
  std::memcpy(&room, value, sizeof room);
  if (room < 0 || room > kUserDataLimit) return WSAEINVAL;
  if (name == SO_CONNDATALEN || name == SO_CONNOPTLEN) {
    options_.connect_room =
        std::max(options_.connect_room, static_cast<uint16_t>(room));
  }
  // The space for a last word is always that large.
  return 0;
}

}  // namespace goodbyte::provider
