/* A receipt never says more than is on disk, and what it says is missing is not taken as delivered.

   A sends entries to B over a path that loses, repeats and reorders. B keeps them in memory, writes
   them to its disk in batches, and says in numbered statements what it holds; it may be killed at any
   moment. A takes as delivered what a statement holds (specification: statement, rules for the signer).

   DURABLE 0: B speaks of what it has in memory, and its statement leaves before it is on disk.
   GAPS 0: A reads a receipt's size alone, as if nothing below it could be missing. */
#ifndef DURABLE
#define DURABLE 1
#endif
#ifndef GAPS
#define GAPS 1
#endif
#define ENTRIES 3
#define STATEMENTS 3
#define ALL 7

byte memory, disk;                   /* of B: a bit for each entry */
byte number, number_on_disk;         /* of B's newest statement */
byte delivered;                      /* of A: a bit for each entry */
byte heard[STATEMENTS];              /* of A: one more than what each statement held; 0: not heard */
bool overstated, two_tongues, killed;

chan path = [2] of { byte };         /* an entry */
chan back = [2] of { byte, byte };   /* a statement: its number and what it holds */

inline hold(entries) {
    if
    :: GAPS -> delivered = delivered | entries
    :: !GAPS ->                      /* everything below the newest that is held */
        if
        :: entries & 4 -> delivered = ALL
        :: !(entries & 4) && (entries & 2) -> delivered = delivered | 3
        :: else -> delivered = delivered | entries
        fi
    fi
}

active proctype A() {
    byte said, entries;
    do
    :: atomic { nfull(path) && !(delivered & 1) -> path!1 }
    :: atomic { nfull(path) && !(delivered & 2) -> path!2 }
    :: atomic { nfull(path) && !(delivered & 4) -> path!4 }
    :: atomic { back?said, entries ->
            if
            :: heard[said] == 0 -> heard[said] = entries + 1
            :: heard[said] != 0 && heard[said] != entries + 1 -> two_tongues = true
            :: else -> skip
            fi;
            hold(entries);
            overstated = overstated || (delivered & (ALL - disk));
            said = 0; entries = 0 }
    od
}

active proctype B() {
    byte entry;
    do
    :: atomic { path?entry -> memory = memory | entry; entry = 0 }
    :: atomic { memory != disk -> disk = memory; number_on_disk = number }
    :: atomic { number < STATEMENTS && nfull(back) ->
            if
            :: DURABLE -> back!number, disk; number++; number_on_disk = number
            :: !DURABLE -> back!number, memory; number++
            fi }
    :: atomic { !killed -> killed = true; memory = disk; number = number_on_disk }
    od
}

active proctype Path() {
    byte x, y;
    do
    :: atomic { path?x -> x = 0 }
    :: atomic { nempty(path) && nfull(path) -> path?<x>; path!x; x = 0 }
    :: atomic { back?x, y -> x = 0; y = 0 }
    :: atomic { nempty(back) && nfull(back) -> back?<x, y>; back!x, y; x = 0; y = 0 }
    od
}

ltl never_more_than_stored { [] !overstated }
ltl one_content_for_a_number { [] !two_tongues }
