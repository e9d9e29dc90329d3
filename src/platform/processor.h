/* SPDX-License-Identifier: MIT */
/* The processor of this computer. */
#pragma once

/* How many bits its physical addresses have; 0: it does not tell. */
unsigned processor_address_bits(void);
