// The limits of this side (docs/wire-format.md §6), and its timeouts (§10.3).
#ifndef GOODBYTE_REFERENCE_PROVIDER_SESSION_LIMITS_H_
#define GOODBYTE_REFERENCE_PROVIDER_SESSION_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace goodbyte::provider {

// Octets of user data in any frame, and of a message.
inline constexpr uint16_t kUserDataLimit = 4096;
inline constexpr uint32_t kMessageLimit = 1024 * 1024;

// Octets, received or to be sent, that wait on this side.
inline constexpr size_t kBuffer = 64 * 1024;

// Callers without a verdict, and deferred ones among them.
inline constexpr size_t kMostPending = 1024;
inline constexpr size_t kMostDeferred = 1024;

// Milliseconds.
inline constexpr unsigned kConnectTime = 75'000;
inline constexpr unsigned kHandshakeTime = 10'000;
inline constexpr unsigned kVerdictTime = 60'000;
inline constexpr unsigned kLingerTime = 30'000;
inline constexpr unsigned kComplaintTime = 1'000;

}  // namespace goodbyte::provider

#endif  // GOODBYTE_REFERENCE_PROVIDER_SESSION_LIMITS_H_
