// Results, one line each: "ok NAME", or "not ok NAME" and the reason.
#ifndef GOODBYTE_REFERENCE_PROVIDER_TEST_CHECK_H_
#define GOODBYTE_REFERENCE_PROVIDER_TEST_CHECK_H_

#include <string>

namespace check {

void That(bool holds, const char* expression, const char* file, int line);
void Same(long long actual, long long expected, const char* expression,
          const char* file, int line);
void Same(const std::string& actual, const std::string& expected,
          const char* expression, const char* file, int line);

// Prints the line of a case that has ended. Returns whether it was right.
bool End(const char* name);

}  // namespace check

#define CHECK(expression) \
  check::That(expression, #expression, __FILE__, __LINE__)
#define SAME(actual, expected) \
  check::Same(actual, expected, #actual, __FILE__, __LINE__)

#endif  // GOODBYTE_REFERENCE_PROVIDER_TEST_CHECK_H_
