// Tells of an exception that nobody handles before the process ends for it.
#ifndef GOODBYTE_WIN_CRASH_H_
#define GOODBYTE_WIN_CRASH_H_

namespace goodbyte {

// From here on the process says on its standard error what it died of: the
// exception's code, the address, and the module that has it. Providers run in
// this process, and a fault of theirs would end it without a word. Once in a
// process, on any thread; what filter there was is called next.
void TellOfCrashes();

}  // namespace goodbyte

#endif  // GOODBYTE_WIN_CRASH_H_
