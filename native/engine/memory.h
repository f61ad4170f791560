// Memory that may run out: no exceptions here, so each caller looks.
#ifndef GOODBYTE_ENGINE_MEMORY_H_
#define GOODBYTE_ENGINE_MEMORY_H_

#include <cstddef>
#include <cstdlib>

namespace goodbyte {

#ifdef GOODBYTE_TORTURE
// Builds for tests let the n-th allocation from now fail, once. Returns how
// many it still was until the last one that was to fail; 0: it has.
int FailAllocation(int nth);
bool AllocationFails();
#else
inline bool AllocationFails() { return false; }
#endif

inline void* Reallocate(void* block, size_t size) {
  return AllocationFails() ? nullptr : std::realloc(block, size);
}

inline void* Allocate(size_t size) { return Reallocate(nullptr, size); }

// For classes that are made by `new` and may fail to be: `new` gives nullptr.
struct Allocated {
  static void* operator new(size_t size) noexcept { return Allocate(size); }
  static void operator delete(void* block) noexcept { std::free(block); }
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_MEMORY_H_
