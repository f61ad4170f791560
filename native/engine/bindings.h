// The engine's functions, as src/native.ts sees them.
#ifndef GOODBYTE_ENGINE_BINDINGS_H_
#define GOODBYTE_ENGINE_BINDINGS_H_

#include <napi.h>

namespace goodbyte {

class Engine;

// `engine` outlives every call: it ends with the environment.
void ExportEngine(Engine* engine, Napi::Object exports);

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_BINDINGS_H_
