#include "spi/upcalls.h"

namespace goodbyte::provider {

namespace {

WSPUPCALLTABLE table;
int starts = 0;

}  // namespace

const WSPUPCALLTABLE& upcalls() { return table; }

bool started() { return starts > 0; }

void AddStart(const WSPUPCALLTABLE& upcalls) {
  table = upcalls;
  starts++;
}

int RemoveStart() { return --starts; }

}  // namespace goodbyte::provider
