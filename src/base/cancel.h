/* SPDX-License-Identifier: MIT */
/* A wish that work should stop. It is handed down to the work and asked between its steps; nothing is torn down by it.
 * Requests are counted, so that one can mean "begin nothing more", and the next one "stop what is under way".
 * A Cancel of zeros is one that nobody has asked for yet. Any thread may request, and ask. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

typedef struct Cancel Cancel;
struct Cancel {
    atomic_uint requests;
    atomic_uint shields;
    const Cancel *parent; /* asked, too: of all the work that this is a part of. NULL: none */
    unsigned patience;    /* so many requests of the parent's are none of this work */
};

void cancel_request(Cancel *cancel);

/* Takes the requests back (not the parent's). */
void cancel_reset(Cancel *cancel);

/* The work, or work that it is a part of, shall stop. Never while it is shielded. NULL: never. */
bool cancel_is_requested(const Cancel *cancel);

/* From here to the unshielding nothing cuts the work short: things are being put back. Shields nest.
 *     CLEANUP(cancel_unshield) Cancel *shielded = cancel_shield(&session->cancel);      (to the end of the block) */
Cancel *cancel_shield(Cancel *cancel);
void cancel_unshield(Cancel **shielded);
