/* SPDX-License-Identifier: MIT */
/* The yardstick of the benchmarks: a C program that does nothing. What it takes is what the system takes to start any
 * program, and the times of hyperpoint are told as multiples of it. */
int main(void)
{
    return 0;
}
