/* SPDX-License-Identifier: MIT */
/* Takes the file of a request: from the inbox, where others may do what they like, into a folder of the service's own,
 * hashed on the way. What is installed is the copy, so whatever happens to the file afterwards does not matter. */
#pragma once

#include "base/cancel.h"
#include "exchange/request.h"
#include "exchange/words.h"
#include "platform/tree.h"

typedef struct Take {
    const Tree *tree;
    const char *from, *to; /* in the tree; what is at "to" is replaced */
    const ExchangeRequest *request;
    const Cancel *cancel;
    void (*progress)(void *context, unsigned percent); /* copied */
    void *context;
} Take;

typedef enum TakeState {
    TAKE_DONE,    /* the copy is there, and is the file that was asked for */
    TAKE_NOT_YET, /* what is there may still become that */
    TAKE_REFUSED, /* it will not */
} TakeState;

typedef struct Taken {
    TakeState state;
    ExchangeReason reason; /* why it is refused, or will be when nothing more comes */
    uint64_t size;         /* of what is in the inbox */
} Taken;

/* Fails where the copy cannot be written: ERR_NO_SPACE, ERR_IO; ERR_CANCELLED. Then, and if it is not done, there is no
 * copy. */
MUST_CHECK bool take_file(const Take *take, Taken *ret_taken, Error *err);

/* So much of the whole. */
unsigned take_percent(uint64_t size, uint64_t whole);
