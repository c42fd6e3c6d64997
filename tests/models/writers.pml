/* Two processes of one station with one key: a lock around reading the end of the log, signing and
   writing keeps them from putting two entries at one place.

   Each may be killed at any moment, and starts anew; a lock goes with the process that held it, and
   what was not committed is gone. The peer keeps what it hears first and compares the rest.

   LOCKED 0: nothing keeps the two apart. SENDS_EARLY 1: an entry leaves before it is committed. */
#ifndef LOCKED
#define LOCKED 1
#endif
#ifndef SENDS_EARLY
#define SENDS_EARLY 0
#endif
#define PLACES 3
#define NOBODY 2

byte log[PLACES], size;              /* on the disk that both write */
byte held[PLACES];                   /* what the peer holds; 0: nothing */
byte holder = NOBODY;
byte colour = 1;                     /* every entry is another one */
byte kills;
bool forked;
chan path = [1] of { byte, byte };

proctype Writer(byte me) {
    byte at, mine;
    do
    :: size < PLACES && colour < 5 ->
        if
        :: LOCKED -> atomic { holder == NOBODY -> holder = me }
        :: !LOCKED -> skip
        fi;
        d_step { at = size; mine = colour; colour++ };
        if
        :: at >= PLACES -> skip
        :: at < PLACES && SENDS_EARLY -> atomic { nfull(path) -> path!at, mine }
        :: else -> skip
        fi;
        if                           /* killed before the commit, or not */
        :: atomic { kills < 2 -> kills++ }
        :: atomic { at < PLACES -> log[at] = mine; size = at + 1 }
        :: at >= PLACES -> skip
        fi;
        atomic { if :: holder == me -> holder = NOBODY :: else -> skip fi; at = 0; mine = 0 }
    :: atomic { size > 0 && nfull(path) -> path!0, log[0] }
    :: atomic { size > 1 && nfull(path) -> path!1, log[1] }
    :: atomic { size > 2 && nfull(path) -> path!2, log[2] }
    od
}

active proctype Peer() {
    byte at, got;
    do
    :: atomic { path?at, got ->
            if
            :: held[at] == 0 -> held[at] = got
            :: held[at] != 0 && held[at] != got -> forked = true
            :: else -> skip
            fi;
            at = 0; got = 0 }
    od
}

init { atomic { run Writer(0); run Writer(1) } }

ltl one_entry_at_a_place { [] !forked }
