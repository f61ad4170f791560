#include "platform/winsock.h"

namespace goodbyte {

void ExportWinsock(Napi::Env, Napi::Object) {}

}  // namespace goodbyte
