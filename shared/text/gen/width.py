#!/usr/bin/env python3
"""Writes shared/text/width_table.h and shared/text/fold_table.h.

Facts: UnicodeData and EastAsianWidth of the Unicode Character Database as Python carries them
(14.0), with the wide and combining characters that Unicode 15.0, 15.1 and 16.0 added, by hand
from their lists of new characters. Run it by hand when the lists change:

    python3 shared/text/gen/width.py shared/text
"""
import os
import sys
import unicodedata

# Added after 14.0 and wide (East Asian Width W).
NEWER_WIDE = [
    (0x1F6DC, 0x1F6DC), (0x1FA75, 0x1FA77), (0x1FA87, 0x1FA88), (0x1FAAD, 0x1FAAF),
    (0x1FABB, 0x1FABD), (0x1FABF, 0x1FABF), (0x1FACE, 0x1FACF), (0x1FADA, 0x1FADB),
    (0x1FAE8, 0x1FAE8), (0x1FAF7, 0x1FAF8),                               # 15.0
    (0x2FFC, 0x2FFF), (0x31EF, 0x31EF),                                   # 15.1
    (0x1FA89, 0x1FA89), (0x1FA8F, 0x1FA8F), (0x1FABE, 0x1FABE), (0x1FAC6, 0x1FAC6),
    (0x1FADC, 0x1FADC), (0x1FADF, 0x1FADF), (0x1FAE9, 0x1FAE9), (0x31E4, 0x31E5),  # 16.0
]
# Added after 14.0 and combining.
NEWER_ZERO = [
    (0x0CF3, 0x0CF3), (0x0ECE, 0x0ECE), (0x10EFD, 0x10EFF), (0x11241, 0x11241),
    (0x11F00, 0x11F01), (0x1E08F, 0x1E08F),                               # 15.0
    (0x0897, 0x0897), (0x10D69, 0x10D6D), (0x10EFC, 0x10EFC), (0x1E5EE, 0x1E5EF),  # 16.0
]


def newer(table, cp):
    return any(a <= cp <= b for a, b in table)


def width(cp):
    c = chr(cp)
    if newer(NEWER_ZERO, cp):
        return 0
    if newer(NEWER_WIDE, cp):
        return 2
    category = unicodedata.category(c)
    if cp == 0xAD:
        return 1
    if category in ('Mn', 'Me', 'Cf') or 0x1160 <= cp <= 0x11FF or 0xD7B0 <= cp <= 0xD7FB:
        return 0
    if category in ('Cc', 'Cs'):
        return 0
    if unicodedata.east_asian_width(c) in 'WF':
        return 2
    # Unassigned places of the ideographic planes are wide by rule (UAX 11).
    if 0x20000 <= cp <= 0x2FFFD or 0x30000 <= cp <= 0x3FFFD:
        return 2
    return 1


def ranges(wanted):
    out, start = [], None
    for cp in range(0x110000):
        if width(cp) == wanted and cp >= 0x80:
            if start is None:
                start = cp
            last = cp
        elif start is not None:
            out.append((start, last))
            start = None
    if start is not None:
        out.append((start, last))
    return out


SPECIAL = {'æ': 'ae', 'œ': 'oe', 'ß': 'ss', 'ø': 'o', 'ł': 'l', 'đ': 'd', 'ð': 'd', 'þ': 'th',
           'ħ': 'h', 'ı': 'i', 'ŀ': 'l', 'ŧ': 't', 'ŋ': 'n', 'ĸ': 'k', 'ſ': 's', '’': "'", '‘': "'",
           'ʼ': "'", '\u00a0': ' ', '\u202f': ' ', '\u2009': ' ', '\u2010': '-', '\u2011': '-'}


def fold(c):
    low = c.lower()
    plain = ''.join(x for x in unicodedata.normalize('NFKD', low)
                    if unicodedata.category(x) != 'Mn')
    return ''.join(SPECIAL.get(x, x) for x in plain)


def fold_rows():
    spans = [(0x80, 0x530), (0x1E00, 0x2000), (0x2009, 0x2030), (0xFF01, 0xFF5F)]
    for a, b in spans:
        for cp in range(a, b):
            c = chr(cp)
            if unicodedata.category(c) in ('Cn', 'Mn', 'Cf', 'Cc', 'Zl', 'Zp'):
                continue
            f = fold(c)
            if f != c and 0 < len(f.encode()) <= 7:
                yield cp, f


def main(folder):
    head = '/* Made by shared/text/gen/width.py from Unicode 14.0 data with the additions of 15.0 to 16.0. */\n'
    with open(os.path.join(folder, 'width_table.h'), 'w') as out:
        out.write(head + '#pragma once\n#include <stdint.h>\n\n'
                  'struct ns_width_range {\n    uint32_t first;\n    uint32_t last;\n};\n')
        for name, w in (('zero', 0), ('wide', 2)):
            rows = ranges(w)
            out.write('\nstatic const struct ns_width_range ns_width_%s[] = {\n' % name)
            for i in range(0, len(rows), 4):
                out.write('    ' + ' '.join('{0x%X, 0x%X},' % r for r in rows[i:i + 4]) + '\n')
            out.write('};\n')
    with open(os.path.join(folder, 'fold_table.h'), 'w') as out:
        out.write(head + '#pragma once\n#include <stdint.h>\n\n'
                  'struct ns_fold_row {\n    uint32_t from;\n    uint8_t upper;\n    char to[8];\n};\n'
                  '\nstatic const struct ns_fold_row ns_fold_rows[] = {\n')
        rows = list(fold_rows())
        for i in range(0, len(rows), 4):
            out.write('    ' + ' '.join('{0x%X, %d, "%s"},' % (cp, chr(cp).lower() != chr(cp), f.replace('\\', '\\\\').replace('"', '\\"'))
                                        for cp, f in rows[i:i + 4]) + '\n')
        out.write('};\n')


main(sys.argv[1])
