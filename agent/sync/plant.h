/* plant.h: deliberate faults for the simulator, which must find each of them. Built in only where
 * NS_PLANTED is defined (tests/simulate); elsewhere PLANTED() is false and costs nothing. */
#pragma once

enum ns_plant {
    NS_PLANT_NONE,
    NS_PLANT_KEY_PER_TRY,      /* a new key for every attempt */
    NS_PLANT_LATE_RETRY,       /* the same key again after 25 hours */
    NS_PLANT_SEND_FIRST,       /* the attempt is committed after the bytes left */
    NS_PLANT_SYNC_OFF,         /* a commit that a crash takes back */
    NS_PLANT_NO_PURPOSE,       /* every click an intent of its own */
    NS_PLANT_TIMEOUT_FAILS,    /* no answer counts as not done */
    NS_PLANT_ABSENT_ONCE,      /* one look that finds nothing is believed */
    NS_PLANT_FLOAT_CENTS,      /* dollars in a double on the way */
    NS_PLANT_BODY_MADE_ANEW,   /* the body carries the time of the attempt */
    NS_PLANT_EFFECT_APART,     /* the effect is a second transaction */
    NS_PLANT_STORED_500_FINAL, /* a stored fault counts as not done */
    NS_PLANT_TRUST_CLOCK,      /* a clock that came back from the past is believed */
    NS_PLANT_COUNT
};

#ifdef NS_PLANTED
extern enum ns_plant ns_planted;
#define PLANTED(what) (ns_planted == (what))
#else
#define PLANTED(what) false
#endif
