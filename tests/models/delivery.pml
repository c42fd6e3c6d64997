/* Two stations over a path that loses: everything written is receipted in the end, neither waits for
   the other for ever, and a FLASH waits for no more than the one frame that is on its way.

   Each has two ordinary entries, and A may write a FLASH at any moment. A frame is an entry or a
   receipt; one at a time is on the path in each direction. LOSSES frames at most are lost, which is
   what a fair path means to a search that ends.

   RESEND 0: what was lost is not sent again. PRECEDENCE 0: frames go in the order of writing.
   BLOCKING 1: a station that cannot send waits, and reads nothing meanwhile. */
#ifndef RESEND
#define RESEND 1
#endif
#ifndef PRECEDENCE
#define PRECEDENCE 1
#endif
#ifndef BLOCKING
#define BLOCKING 0
#endif
#ifndef LOSSES
#define LOSSES 2
#endif
#define ENTRY 1
#define RECEIPT 2
#define FLASH 4
#define ORDINARY 3                   /* the bits of both ordinary entries */

chan to[2] = [1] of { byte, byte };
byte written[2] = { ORDINARY, ORDINARY };
byte due[2] = { ORDINARY, ORDINARY };     /* to be sent, or sent again */
byte held[2];                        /* what each holds of the other's */
byte receipted[2];
byte owed[2];                        /* receipts to be given, a bit for each entry */
byte before_flash;                   /* ordinary frames the FLASH waited for */
byte lost;
bool is_flash_written;

#define waits (is_flash_written && (due[0] & FLASH))

/* Put the next frame on the path; a receipt says all that is held, an entry goes by precedence. */
inline send(me, it) {
    if
    :: owed[me] -> to[1 - me]!RECEIPT, held[me]; owed[me] = 0
    :: !owed[me] && due[me] ->
        if
        :: PRECEDENCE && (due[me] & FLASH) -> it = FLASH
        :: (!PRECEDENCE || !(due[me] & FLASH)) && (due[me] & 1) -> it = 1
        :: (!PRECEDENCE || !(due[me] & FLASH)) && !(due[me] & 1) && (due[me] & 2) -> it = 2
        :: else -> it = FLASH
        fi;
        if :: me == 0 && it != FLASH && waits -> before_flash++ :: else -> skip fi;
        to[1 - me]!ENTRY, it; due[me] = due[me] & (7 - it); it = 0
    fi
}

proctype Station(byte me) {
    byte kind, what, it;
end:
    do
    :: atomic { nfull(to[1 - me]) && (owed[me] || due[me]) -> send(me, it) }
    :: full(to[1 - me]) && BLOCKING && (owed[me] || due[me]) -> nfull(to[1 - me])
    :: atomic { to[me]?kind, what ->
            if
            :: kind == ENTRY -> held[me] = held[me] | what; owed[me] = owed[me] | what
            :: kind == RECEIPT ->
                receipted[me] = receipted[me] | what; due[me] = due[me] & (7 - receipted[me])
            fi;
            kind = 0; what = 0 }
    :: atomic { me == 0 && !is_flash_written ->
            is_flash_written = true; written[0] = written[0] | FLASH; due[0] = due[0] | FLASH;
            if :: full(to[1]) -> before_flash = 1 :: empty(to[1]) -> skip fi }
    /* A clock runs out: what was sent and is not receipted is due again; so is a lost receipt, when
       the entry comes once more. */
    :: atomic { RESEND && !due[me] && written[me] != receipted[me] && empty(to[0]) && empty(to[1]) &&
            !owed[1 - me] -> due[me] = written[me] & (7 - receipted[me]) }
    od
}

active proctype Path() {
end:
    do
    :: atomic { nempty(to[0]) && lost < LOSSES -> to[0]?_, _; lost++ }
    :: atomic { nempty(to[1]) && lost < LOSSES -> to[1]?_, _; lost++ }
    od
}

#define all_receipted (is_flash_written && receipted[0] == written[0] && receipted[1] == written[1])

/* Where nothing can move any more, this one must have ended: no deadlock. */
active proctype Judge() { all_receipted }

init { atomic { run Station(0); run Station(1) } }

ltl everything_arrives { <> all_receipted }
ltl a_flash_waits_for_one_frame { [] (before_flash <= 1) }
