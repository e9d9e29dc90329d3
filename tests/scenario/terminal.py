# SPDX-License-Identifier: MIT
"""A program that somebody watches and answers in a terminal; under Wine there is none to be had."""

import contextlib
import fcntl
import os
import pty
import struct
import termios


def run(command, folder, environment, typed="", look=None, size=None):
    """The exit code, and everything that a terminal (of so many rows and columns) is sent. What is typed is there before
    the program asks for it; and each time that something has come, look(SHOWN, TYPE) is called with all bytes so far, and
    what types a text."""
    process, terminal = pty.fork()
    if process == 0:
        if size is not None:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        os.chdir(folder)
        os.execve(command[0], [str(word) for word in command], environment)

    def type_text(text):
        os.write(terminal, text.encode())

    type_text(typed)
    shown = b""
    with contextlib.suppress(OSError):  # its other end is closed
        while part := os.read(terminal, 65536):
            shown += part
            if look is not None:
                look(shown, type_text)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), shown.decode("utf-8")
