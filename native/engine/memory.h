// Memory that may run out: exceptions are off, so each caller checks.
#ifndef GOODBYTE_ENGINE_MEMORY_H_
#define GOODBYTE_ENGINE_MEMORY_H_

#include <cstddef>
#include <cstdlib>

namespace goodbyte {

#ifdef GOODBYTE_TORTURE
// Test builds let the n-th allocation from now fail, once. Returns the previous
// countdown; 0 once it has fired.
int FailAllocation(int nth);
bool AllocationFails();
#else
inline bool AllocationFails() { return false; }
#endif

inline void* Reallocate(void* block, size_t size) {
  return AllocationFails() ? nullptr : std::realloc(block, size);
}

inline void* Allocate(size_t size) { return Reallocate(nullptr, size); }

// For classes whose `new` may fail: it returns nullptr.
struct Allocated {
  static void* operator new(size_t size) noexcept { return Allocate(size); }
  static void operator delete(void* block) noexcept { std::free(block); }
};

}  // namespace goodbyte

#endif  // GOODBYTE_ENGINE_MEMORY_H_
