# SPDX-License-Identifier: MIT
# Prints "file:line:code" of C files, without comments and with the contents of literals left out, but those of strings
# with -v LITERALS=1.
FNR == 1 { in_comment = 0 }
{
    line = $0
    code = ""
    while (line != "") {
        if (in_comment) {
            end = index(line, "*/")
            if (end == 0)
                break
            line = substr(line, end + 2)
            in_comment = 0
        } else if (match(line, /\/\*|\/\/|"|'/)) {
            start = substr(line, RSTART, RLENGTH)
            code = code substr(line, 1, RSTART - 1)
            line = substr(line, RSTART + RLENGTH)
            if (start == "//")
                break
            if (start == "/*") {
                in_comment = 1
            } else {
                for (i = 1; i <= length(line) && substr(line, i, 1) != start; i++)
                    if (substr(line, i, 1) == "\\")
                        i++
                code = code start (LITERALS && start == "\"" ? substr(line, 1, i - 1) : "") start
                line = substr(line, i + 1)
            }
        } else {
            code = code line
            break
        }
    }
    print FILENAME ":" FNR ":" code
}
