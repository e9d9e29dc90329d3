/* SPDX-License-Identifier: MIT */
/* Results about drivers: packages that were gathered, drivers that were compared, and what a guest tells. */
#pragma once

#include "json/shape.h"

extern const Shape gathered_package_shape; /* GatheredPackage */

extern const Shape compared_driver_shape; /* ComparedDriver */
extern const Shape left_out_driver_shape; /* one that could not be compared */
extern const Shape driver_place_shape;    /* DriverPlace, in it */
extern const Shape file_fault_shape;      /* FileFault, in that */

extern const Shape guest_report_shape; /* GuestReport */
extern const Shape guest_gpu_shape;    /* GuestGpu, in it */

/* "482 KB", "400 MB": in units of 1024, and not less than it is. */
const char *size_text(uint64_t bytes, Arena *arena);
