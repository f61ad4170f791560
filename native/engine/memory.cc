#include "engine/memory.h"

#ifdef GOODBYTE_TORTURE

#include <utility>

namespace goodbyte {

namespace {
// Of the thread: each environment tortures itself alone.
thread_local int countdown = 0;
}  // namespace

int FailAllocation(int nth) { return std::exchange(countdown, nth); }

bool AllocationFails() { return countdown > 0 && --countdown == 0; }

}  // namespace goodbyte

#endif
