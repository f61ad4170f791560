#include "engine/memory.h"

#ifdef GOODBYTE_TORTURE

#include <utility>

namespace goodbyte {

namespace {
// Per thread: each environment tests only itself.
thread_local int countdown = 0;
}  // namespace

int FailAllocation(int nth) { return std::exchange(countdown, nth); }

bool AllocationFails() { return countdown > 0 && --countdown == 0; }

}  // namespace goodbyte

#endif
