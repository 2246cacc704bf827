/* harden.h: a process that handles keys leaves no core and cannot be looked into by its neighbours.
 * Threads: the start of main. */
#pragma once

void ns_harden(void); /* fails quietly where the system has neither limit nor call */
