// Winsock itself, and its service providers: only Windows has them.
#ifndef GOODBYTE_PLATFORM_WINSOCK_H_
#define GOODBYTE_PLATFORM_WINSOCK_H_

#include <napi.h>

namespace goodbyte {

// `openWinsock`, on Windows only.
void ExportWinsock(Napi::Env env, Napi::Object exports);

}  // namespace goodbyte

#endif  // GOODBYTE_PLATFORM_WINSOCK_H_
