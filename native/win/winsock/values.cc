#include "win/winsock/values.h"

#include <cstring>

#include "engine/address.h"
#include "win/winsock/catalog.h"

namespace goodbyte::winsock {

namespace {

// The two FLOWSPECs at the front of a QOS.
constexpr size_t kFlows = 2 * sizeof(FLOWSPEC);
static_assert(kFlows == 16 * sizeof(uint32_t), "FLOWSPEC: eight ULONGs");

Napi::String Text(Napi::Env env, const wchar_t* text, size_t most) {
  size_t length = 0;
  while (length < most && text[length] != L'\0') length++;
  static_assert(sizeof(wchar_t) == sizeof(char16_t), "UTF-16");
  return Napi::String::New(env, reinterpret_cast<const char16_t*>(text),
                           length);
}

}  // namespace

Napi::Value OctetsValue(Napi::Env env, const void* octets, size_t length) {
  if (octets == nullptr || length == 0) return env.Undefined();
  Napi::Uint8Array copy = Napi::Uint8Array::New(env, length);
  // No memory: that is thrown.
  if (copy.IsEmpty()) return env.Undefined();
  std::memcpy(copy.Data(), octets, length);
  return copy;
}

Napi::Value NameValue(Napi::Env env, const void* name, size_t length) {
  sockaddr_storage storage = {};
  if (name == nullptr || length > sizeof storage) return env.Undefined();
  std::memcpy(&storage, name, length);
  const Address address = AddressOf(storage);
  char text[kAddressTextLength];
  if (address.family == 0 || !TextOf(address, text)) return env.Undefined();
  Napi::Array value = Napi::Array::New(env, 3);
  value.Set(0u, Napi::Number::New(env, address.family));
  value.Set(1u, Napi::String::New(env, text));
  value.Set(2u, Napi::Number::New(env, address.port));
  return value;
}

Napi::Value QosValue(Napi::Env env, const QOS* qos) {
  if (qos == nullptr) return env.Undefined();
  const WSABUF& specific = qos->ProviderSpecific;
  const size_t more = specific.buf == nullptr ? 0 : specific.len;
  Napi::Uint8Array value = Napi::Uint8Array::New(env, kFlows + more);
  if (value.IsEmpty()) return env.Undefined();
  std::memcpy(value.Data(), qos, kFlows);
  if (more > 0) std::memcpy(value.Data() + kFlows, specific.buf, more);
  return value;
}

bool QosOf(const Napi::Value& value, QOS* qos) {
  const WSABUF octets = BufferOf(value);
  if (octets.len < kFlows) return false;
  *qos = {};
  std::memcpy(qos, octets.buf, kFlows);
  if (octets.len > kFlows) {
    qos->ProviderSpecific = {static_cast<ULONG>(octets.len - kFlows),
                             octets.buf + kFlows};
  }
  return true;
}

WSABUF BufferOf(const Napi::Value& value) {
  if (!value.IsTypedArray()) return {0, nullptr};
  Napi::Uint8Array array = value.As<Napi::Uint8Array>();
  return {static_cast<ULONG>(array.ByteLength()),
          reinterpret_cast<char*>(array.Data())};
}

Napi::Value ProtocolValue(Napi::Env env, const WSAPROTOCOL_INFOW& entry) {
  Napi::Object value = Napi::Object::New(env);
  const auto number = [&](const char* name, double of) {
    value.Set(name, Napi::Number::New(env, of));
  };
  value.Set("protocol", Text(env, entry.szProtocol, WSAPROTOCOL_LEN + 1));
  number("catalogEntryId", entry.dwCatalogEntryId);
  number("addressFamily", entry.iAddressFamily);
  number("socketType", entry.iSocketType);
  number("protocolNumber", entry.iProtocol);
  number("serviceFlags1", entry.dwServiceFlags1);
  number("providerFlags", entry.dwProviderFlags);
  number("version", entry.iVersion);
  number("messageSize", entry.dwMessageSize);
  Napi::Array chain = Napi::Array::New(env);
  for (int at = 0;
       at < entry.ProtocolChain.ChainLen && at < MAX_PROTOCOL_CHAIN; at++) {
    chain.Set(static_cast<uint32_t>(at),
              Napi::Number::New(env, entry.ProtocolChain.ChainEntries[at]));
  }
  number("chainLength", entry.ProtocolChain.ChainLen);
  value.Set("chain", chain);
  wchar_t path[kMostPath];
  PathOf(entry, path);
  value.Set("path", Text(env, path, kMostPath));
  return value;
}

}  // namespace goodbyte::winsock
