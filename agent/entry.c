/* Units that start with a call. */
#include "agent.h"

void entry_install(Unit *u) {
  (void)u;
}
void entry_remove(Site *s) {
  (void)s;
}
