// ws2_32's upcalls for a service provider that is loaded without being
// installed: handles that stand for its sockets, events, its path.
//
// ws2_32 gives its upcalls no context, so the handles are the process's, behind
// one lock: a provider may ask for them on any thread. Everything else is
// stateless.
#ifndef GOODBYTE_WIN_WINSOCK_UPCALLS_H_
#define GOODBYTE_WIN_WINSOCK_UPCALLS_H_

#include <winsock2.h>
#include <ws2spi.h>

namespace goodbyte::winsock {

WSPUPCALLTABLE Upcalls();

}  // namespace goodbyte::winsock

#endif  // GOODBYTE_WIN_WINSOCK_UPCALLS_H_
