/* One of three keeps two histories, and shows one to each of the others; these tell each other what
   they were shown. Every run ends with both holding the proof, or with one history; and nobody holds
   a proof against a party that has one history.

   E has signed two statements of one size with different roots (1 and 2), and shows either of them, or
   nothing, to X and to Y. X and Y pass on E's newest statement with their own, which E can delay and
   not for ever stop: they have a path of their own. A proof, once held, is passed on too.

   GOSSIP 0: X and Y speak of their own logs alone. HONEST 1: E has one history. */
#ifndef GOSSIP
#define GOSSIP 1
#endif
#ifndef HONEST
#define HONEST 0
#endif

byte shown[2];                       /* what E's log is to X and to Y; 0: nothing was shown */
bool proof[2];                       /* both signed statements are held */
bool tick;
bool done;                           /* E shows nothing more */
chan between[2] = [1] of { byte, bool };

active proctype E() {
    do
    :: atomic { shown[0] == 0 -> shown[0] = 1 }
    :: atomic { shown[0] == 0 && !HONEST -> shown[0] = 2 }
    :: atomic { shown[1] == 0 -> shown[1] = 1 }
    :: atomic { shown[1] == 0 && !HONEST -> shown[1] = 2 }
    :: atomic { shown[0] != 0 && !HONEST && !proof[0] -> proof[0] = true }  /* shows X the other too */
    :: break
    od;
    done = true
}

/* To speak and to listen are two processes: a fair run lets each of them go on. */
proctype Speaks(byte me) {
end:
    do
    :: atomic { empty(between[1 - me]) && GOSSIP && shown[me] != 0 ->
            between[1 - me]!shown[me], proof[me] }
    od
}

proctype Listens(byte me) {
    byte theirs; bool proved;
end:
    do
    :: atomic { between[me]?theirs, proved ->
            if
            :: proved -> proof[me] = true
            :: else -> skip
            fi;
            if
            :: shown[me] == 0 -> shown[me] = theirs
            :: shown[me] != 0 && shown[me] != theirs -> proof[me] = true
            :: else -> skip
            fi;
            theirs = 0; proved = false }
    od
}

/* Time goes on when nobody has anything to do: without it a fair run could not stand still. */
active proctype Time() {
    do
    :: tick = !tick
    od
}

init { atomic { run Speaks(0); run Speaks(1); run Listens(0); run Listens(1) } }

#define agree (done && shown[0] == shown[1] && !proof[0] && !proof[1])
#define found (proof[0] && proof[1])
ltl found_or_one_history { <> [] (agree || found) }
ltl nobody_is_framed { [] !(proof[0] || proof[1]) }
