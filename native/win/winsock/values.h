// Winsock's structures as JavaScript sees them.
#ifndef GOODBYTE_WIN_WINSOCK_VALUES_H_
#define GOODBYTE_WIN_WINSOCK_VALUES_H_

#include <napi.h>
#include <winsock2.h>

#include <cstddef>
#include <cstdint>

namespace goodbyte::winsock {

// A copy; `undefined` if empty.
Napi::Value OctetsValue(Napi::Env env, const void* octets, size_t length);

// `[family, address, port]`, family 4 or 6; `undefined` for any other.
Napi::Value NameValue(Napi::Env env, const void* name, size_t length);

// A QOS: its sixteen numbers in their order in memory, followed by the
// provider-specific part.
Napi::Value QosValue(Napi::Env env, const QOS* qos);
// The reverse; it points into `value`, which outlives it. False: no QOS.
bool QosOf(const Napi::Value& value, QOS* qos);

// It points into `value`; of `undefined`: nothing.
WSABUF BufferOf(const Napi::Value& value);

Napi::Value ProtocolValue(Napi::Env env, const WSAPROTOCOL_INFOW& entry);

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_VALUES_H_
