#include "test/check.h"

#include <windows.h>

#include <cstdio>

namespace check {

namespace {

// Cases may have several threads.
SRWLOCK lock = SRWLOCK_INIT;
std::string complaints;

void Complain(const char* file, int line, const std::string& what) {
  char place[400];
  std::snprintf(place, sizeof place, "  # %s:%d: ", file, line);
  AcquireSRWLockExclusive(&lock);
  complaints += std::string(place) + what + '\n';
  ReleaseSRWLockExclusive(&lock);
}

std::string Number(long long number) {
  char text[32];
  std::snprintf(text, sizeof text, "%lld", number);
  return text;
}

std::string Quoted(const std::string& text) {
  return std::string("\"") + text.substr(0, 80) + "\" (" +
         Number(static_cast<long long>(text.size())) + " octets)";
}

}  // namespace

void That(bool holds, const char* expression, const char* file, int line) {
  if (!holds) Complain(file, line, expression);
}

void Same(long long actual, long long expected, const char* expression,
          const char* file, int line) {
  if (actual == expected) return;
  Complain(file, line,
           std::string(expression) + " is " + Number(actual) + ", expected " +
               Number(expected));
}

void Same(const std::string& actual, const std::string& expected,
          const char* expression, const char* file, int line) {
  if (actual == expected) return;
  Complain(file, line,
           std::string(expression) + " is " + Quoted(actual) + ", expected " +
               Quoted(expected));
}

bool End(const char* name) {
  const bool right = complaints.empty();
  std::printf("%s %s\n%s", right ? "ok" : "not ok", name, complaints.c_str());
  std::fflush(stdout);
  complaints.clear();
  return right;
}

}  // namespace check
