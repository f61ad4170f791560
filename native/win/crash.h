// Reports an unhandled exception before it ends the process.
#ifndef GOODBYTE_WIN_CRASH_H_
#define GOODBYTE_WIN_CRASH_H_

namespace goodbyte {

// From now on the process writes an unhandled exception to its standard error:
// its code, the address, and the module there. Providers run in this process,
// and their faults would end it silently. Once in a process, on any thread; a
// previous filter is called next.
void TellOfCrashes();

}  // namespace goodbyte

#endif  // GOODBYTE_WIN_CRASH_H_
