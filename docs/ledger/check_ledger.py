#!/usr/bin/env python3
"""Check an export of a stock ledger, offline: chain, numbers, sums, balances, heads, signatures.

    python3 check_ledger.py EXPORT [--heads FILE ...] [--key HEX] [--en]

One file, standard library only, Python 3.8 or newer; shares no code with the shop. The formats are
published in FORMAT.md beside this file. Leaves with 0 when everything fits, 1 when something does
not, 2 when there is nothing to read.
"""

import argparse
import functools
import hashlib
import json
import re
import sys

EXPORT = "karyabina-export-1"
LEDGER = "karyabina-stock-1"
HEAD = "karyabina-head-1"
ROOT = "karyabina-root-1"
GENESIS = "0" * 64
FAULTS_MAX = 50
FIELDS = 22
COUNTERS = ("in_posted", "out_posted", "in_pending", "out_pending")
OUTSIDE = frozenset(
    "production opening found supplier customer loss sample consumed other_upt plan".split()
)
"""Accounts outside the store; every other account may never fall below zero."""

PHASES = frozenset(("move", "hold", "post", "void", "keep"))
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
WHOLE = re.compile(r"0|[1-9]\d{0,18}")
HEX64 = re.compile(r"[0-9a-f]{64}")
CHECKED = re.compile(rb',"check":"([0-9a-f]{16})"}\n?')

# --- Ed25519, verification only, after RFC 8032, section 5.1 -----------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
HALF_TURN = pow(2, (P - 1) // 4, P)


def _x_of(y, sign):
    """Return the x of a point from its y and the last bit of x, or None."""
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * HALF_TURN % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def _point(data):
    """Return a point in extended coordinates from its 32 bytes, or None."""
    number = int.from_bytes(data, "little")
    y, sign = number & (2**255 - 1), number >> 255
    x = _x_of(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _add(one, other):
    """Return the sum of two points."""
    a = (one[1] - one[0]) * (other[1] - other[0]) % P
    b = (one[1] + one[0]) * (other[1] + other[0]) % P
    c = 2 * one[3] * other[3] * D % P
    d = 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _times(number, point):
    """Return a point added to itself so many times."""
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = _add(total, point)
        point = _add(point, point)
        number >>= 1
    return total


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE = (_x_of(BASE_Y, 0), BASE_Y, 1, _x_of(BASE_Y, 0) * BASE_Y % P)


@functools.lru_cache(maxsize=4096)
def is_signed(key, text, signature):
    """Say whether ``signature`` (128 hex digits) over ``text`` (bytes) is by ``key`` (64)."""
    try:
        key_bytes, signed = bytes.fromhex(key), bytes.fromhex(signature)
    except ValueError:
        return False
    if len(key_bytes) != 32 or len(signed) != 64:
        return False
    owner, nonce = _point(key_bytes), _point(signed[:32])
    scalar = int.from_bytes(signed[32:], "little")
    if owner is None or nonce is None or scalar >= ORDER:
        return False
    challenge = hashlib.sha512(signed[:32] + key_bytes + text).digest()
    left = _times(scalar, BASE)
    right = _add(nonce, _times(int.from_bytes(challenge, "little") % ORDER, owner))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (
        left[1] * right[2] - right[1] * left[2]
    ) % P == 0


# --- Merkle tree, after RFC 9162, section 2.1 --------------------------------------------------


def leaf_of(line):
    """Return the hash of one head line as a leaf."""
    return hashlib.sha256(b"\0" + line.encode()).digest()


def merkle(leaves):
    """Return the root over leaves in order."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + merkle(leaves[:split]) + merkle(leaves[split:])).digest()


def climb(leaf, proof):
    """Return the root that a proof leads to from a leaf."""
    for step in proof:
        side, _, other = step.partition(":")
        beside = bytes.fromhex(other)
        leaf = hashlib.sha256(b"\1" + (beside + leaf if side == "L" else leaf + beside)).digest()
    return leaf.hex()


# --- Words -------------------------------------------------------------------------------------


class Report:
    """Collects what is wrong, in words."""

    def __init__(self, english):
        self.english = english
        self.faults = []
        self.count = 0

    def say(self, indonesian, english):
        """Return the sentence in the language chosen."""
        return english if self.english else indonesian

    def fault(self, where, indonesian, english):
        """Note something wrong; ``where`` is (line, entry), each may be None."""
        self.count += 1
        if len(self.faults) >= FAULTS_MAX:
            return
        line, entry = where
        places = []
        if line is not None:
            places.append(self.say("baris %d" % line, "line %d" % line))
        if entry is not None:
            places.append(self.say("catatan nomor %d" % entry, "entry %d" % entry))
        place = ", ".join(places) or self.say("berkas", "file")
        self.faults.append("%s: %s" % (place, self.say(indonesian, english)))


# --- The ledger --------------------------------------------------------------------------------


class Ledger:
    """Replays entries one by one; keeps balances, open promises and a few hashes, not the entries."""

    def __init__(self, report, upt):
        self.report = report
        self.upt = upt
        self.entries = 0
        self.sequence = 0
        self.hash = GENESIS
        self.written_at = ""
        self.balances = {}
        self.holds = {}
        self.reversals = {}
        self.wanted = set()
        self.hashes = {0: GENESIS}
        self.is_whole = True

    def lost(self, line):
        """Pass over an entry that cannot be read."""
        self.is_whole = False
        self.sequence += 1
        self.hash = None

    def read(self, number, text, stated):
        """Check one entry and fold it into the balances."""
        self.entries += 1
        fields = text.split("\t")
        expected = self.sequence + 1
        if len(fields) != FIELDS or not WHOLE.fullmatch(fields[2]):
            self.report.fault(
                (number, expected), "susunan catatan ini rusak", "this entry is malformed"
            )
            self.lost(number)
            return
        sequence = int(fields[2])
        faults = self.report.count
        self._check_place(number, sequence, expected, fields)
        self._check_hash(number, sequence, text, stated)
        if self.report.count > faults:
            self.is_whole = False
        self.sequence, self.hash = sequence, stated
        if sequence in self.wanted:
            self.hashes[sequence] = stated
        problem = self._shape(fields)
        if problem:
            self.is_whole = False
            self.report.fault((number, sequence), *problem)
            return
        if fields[3] < self.written_at:
            self.report.fault(
                (number, sequence),
                "waktu tulisnya lebih awal daripada catatan sebelumnya",
                "it is dated before the entry before it",
            )
        self.written_at = fields[3]
        self._fold(number, sequence, fields)

    def _check_place(self, number, sequence, expected, fields):
        if sequence > expected:
            gone = str(expected) if sequence == expected + 1 else "%d-%d" % (expected, sequence - 1)
            self.report.fault(
                (number, expected),
                "catatan nomor %s hilang sebelum nomor %d" % (gone, sequence),
                "entry %s is missing before entry %d" % (gone, sequence),
            )
            self.hash = None
        elif sequence < expected:
            self.report.fault(
                (number, sequence),
                "nomor ini tidak berurutan: yang dinanti nomor %d (disisipkan atau dipindahkan)"
                % expected,
                "out of order: entry %d was expected (slipped in or moved)" % expected,
            )
            self.hash = None
        if fields[0] != LEDGER or fields[1] != str(self.upt):
            self.report.fault(
                (number, sequence),
                "catatan ini milik UPT atau format lain",
                "this entry is of another UPT or format",
            )

    def _check_hash(self, number, sequence, text, stated):
        if self.hash is None:
            return
        made = hashlib.sha256(("%s\t%s" % (self.hash, text)).encode()).hexdigest()
        if made != stated:
            self.report.fault(
                (number, sequence),
                "isi catatan tidak cocok dengan sidiknya: catatan ini diubah, atau rantainya putus",
                "the entry does not match its hash: it was changed, or the chain is broken here",
            )

    @staticmethod
    def _shape(fields):
        wholes = (fields[7], fields[8], fields[11], fields[20])
        optional = [fields[12], fields[13]]
        if (
            not all(WHOLE.fullmatch(value) for value in wholes)
            or not all(value == "" or WHOLE.fullmatch(value) for value in optional)
            or not 1 <= int(fields[11]) <= 1000000000
            or fields[5] not in PHASES
            or fields[9] == fields[10]
            or not INSTANT.fullmatch(fields[3])
            or not INSTANT.fullmatch(fields[4])
            or (fields[14] and not INSTANT.fullmatch(fields[14]))
            or (fields[5] in ("post", "void", "keep")) != (fields[12] != "" and fields[5] != "move")
            or (fields[13] != "" and (fields[5] != "move" or fields[12] != ""))
        ):
            return ("isi catatan tidak masuk akal", "its fields make no sense")
        return None

    def _fold(self, number, sequence, fields):
        phase, kind = fields[5], fields[6]
        goods = (int(fields[7]), int(fields[8]))
        source = self.balances.setdefault((*goods, fields[9]), [0, 0, 0, 0])
        target = self.balances.setdefault((*goods, fields[10]), [0, 0, 0, 0])
        quantity = int(fields[11])
        accounts = (fields[9], fields[10])
        if phase == "move":
            source[1] += quantity
            target[0] += quantity
        elif phase == "hold":
            source[3] += quantity
            target[2] += quantity
            self.holds[sequence] = (goods, accounts, quantity, None)
        if fields[12]:
            self._resolve(number, sequence, phase, int(fields[12]), goods, accounts, quantity)
        if fields[13] or kind == "reversed":
            self.reversals.setdefault(int(fields[13] or 0), []).append(
                (number, sequence, goods, accounts, quantity)
            )
        is_below = source[0] - source[1] - source[3] < 0
        if is_below and fields[9] not in OUTSIDE and self.is_whole:
            self.report.fault(
                (number, sequence),
                "mengambil lebih banyak daripada yang ada di %s" % fields[9],
                "takes more than there is in %s" % fields[9],
            )

    def _resolve(self, number, sequence, phase, held, goods, accounts, quantity):
        hold = self.holds.get(held)
        is_fit = hold is not None and hold[0] == goods
        if is_fit and phase == "move":
            is_fit = hold[3] == quantity and accounts[0] == hold[1][1]
        elif is_fit:
            is_fit = (
                hold[3] is None
                and accounts == hold[1]
                and (quantity == hold[2] or (phase == "post" and quantity < hold[2]))
            )
        if not is_fit:
            if not self.is_whole:
                return
            self.report.fault(
                (number, sequence),
                "janji nomor %d tidak ada, sudah selesai, atau berbeda" % held,
                "the promise of entry %d is not there, already resolved, or different" % held,
            )
            return
        if phase == "keep":
            return
        if phase == "move":
            del self.holds[held]
            return
        source = self.balances[(*goods, accounts[0])]
        target = self.balances[(*goods, accounts[1])]
        source[3] -= hold[2]
        target[2] -= hold[2]
        if phase == "void":
            del self.holds[held]
            return
        source[1] += quantity
        target[0] += quantity
        self.holds[held] = (hold[0], hold[1], hold[2], quantity)


# --- Published heads ---------------------------------------------------------------------------


class Heads:
    """What was signed and published: one line for each UPT and day, one root for each day."""

    def __init__(self, report, trusted):
        self.report = report
        self.trusted = trusted
        self.checked = 0
        self.keys = []
        self.roots = {}

    def root(self, where, line, signature, endorsement):
        """Check a day's root; return its fields, or None."""
        fields = line.split("\t")
        if len(fields) != 7 or fields[0] != ROOT:
            self.report.fault(where, "baris akar harian rusak", "a daily root is malformed")
            return None
        day, key = fields[1], fields[6]
        known = self.roots.get(day)
        if known is not None and known[0] != line:
            self.report.fault(
                where,
                "ada dua akar harian yang berbeda untuk %s" % day,
                "there are two different roots for %s" % day,
            )
        elif known is not None and known[1] == signature:
            return fields
        if not is_signed(key, line.encode(), signature):
            self.report.fault(
                where,
                "tanda tangan akar harian %s tidak sah" % day,
                "the signature of the root of %s is not valid" % day,
            )
            return None
        self.roots.setdefault(day, (line, signature, endorsement))
        self.checked += 1
        return fields

    def head(self, where, line, signature, key):
        """Check the signature of one head; return its fields, or None."""
        fields = line.split("\t")
        if (
            len(fields) != 6
            or fields[0] != HEAD
            or not (WHOLE.fullmatch(fields[2]) and WHOLE.fullmatch(fields[4]))
            or not HEX64.fullmatch(fields[5])
        ):
            self.report.fault(where, "baris ujung harian rusak", "a daily head is malformed")
            return None
        if not is_signed(key, line.encode(), signature):
            self.report.fault(
                where,
                "tanda tangan ujung %s tidak sah" % fields[1],
                "the signature of the head of %s is not valid" % fields[1],
            )
            return None
        self.checked += 1
        return fields

    def finish(self, end_key):
        """Check the links between the days and whose word they rest on.

        A root is believed when the trusted key signed or endorsed it, or when a later root that is
        believed names its hash. Without a trusted key the latest one is taken, and printed.
        """
        days = sorted(self.roots, reverse=True)
        if not days:
            if self.trusted and end_key != self.trusted:
                self._foreign("ekspor", "the export", end_key)
            self.keys = [end_key] if end_key else []
            return
        trusted = self.trusted or self.roots[days[0]][0].split("\t")[6]
        believed, linked = {trusted}, {}
        for day in days:
            line, _, endorsement = self.roots[day]
            fields = line.split("\t")
            made = hashlib.sha256(line.encode()).hexdigest()
            if day in linked and linked[day] != made:
                self.report.fault(
                    (None, None),
                    "akar harian %s bukan yang disebut oleh hari sesudahnya" % day,
                    "the root of %s is not the one that the next day names" % day,
                )
                continue
            if (
                fields[6] not in believed
                and day not in linked
                and not (endorsement and is_signed(trusted, line.encode(), endorsement))
            ):
                self._foreign("akar harian %s" % day, "the root of %s" % day, fields[6])
                continue
            believed.add(fields[6])
            if fields[4]:
                linked[fields[4]] = fields[5]
        self.keys = sorted(believed)
        if end_key and end_key not in believed:
            self._foreign("ekspor", "the export", end_key)

    def _foreign(self, what, english, key):
        short = str(key)[:12]
        self.report.fault(
            (None, None),
            "%s ditandatangani kunci lain (%s…)" % (what, short),
            "%s is signed by another key (%s…)" % (english, short),
        )


def read_heads(path, upt, heads):
    """Yield (day, sequence, hash) of one UPT from a file published outside the export."""
    report = heads.report
    with open(path, "rb") as stream:
        content = stream.read()
    where = (None, None)
    try:
        text = content.decode()
        days = list(_days(json.loads(text)) if text.lstrip().startswith("{") else _blocks(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        report.fault(where, "%s tidak terbaca" % path, "%s cannot be read" % path)
        return
    if not days:
        report.fault(where, "%s kosong" % path, "%s is empty" % path)
    for root, lines, proof in days:
        fields = heads.root(where, *root)
        if fields is None:
            continue
        if proof is None:
            made = merkle([leaf_of(line) for line, _ in lines]).hex()
            counted = str(len(lines)) == fields[2]
        else:
            made, counted = climb(leaf_of(lines[0][0]), proof), True
        if made != fields[3] or not counted:
            report.fault(
                where,
                "%s: ujung-ujung tidak cocok dengan akar harian %s" % (path, fields[1]),
                "%s: the heads do not make the root of %s" % (path, fields[1]),
            )
        for line, signature in lines:
            if line.split("\t")[2:3] == [str(upt)]:
                found = heads.head(where, line, signature, fields[6])
                if found is not None:
                    yield found[1], int(found[4]), found[5]


def _days(data):
    root = (data["root"]["line"], data["root"]["signature"], data["root"].get("endorsement", ""))
    if data["format"] == "karyabina-proof-1":
        yield root, [(data["head"]["line"], data["head"]["signature"])], list(data["proof"])
    elif data["format"] == "karyabina-daily-1":
        yield root, [(head["line"], head["signature"]) for head in data["heads"]], None
    else:
        raise ValueError(data["format"])


def _blocks(text):
    lines, last = [], ("", -1)
    for raw in text.split("\n"):
        fields = raw.split("\t")
        if fields[0] == HEAD and len(fields) == 7 and WHOLE.fullmatch(fields[2]):
            place = (fields[1], int(fields[2]))
            if lines and (place[0] != last[0] or place[1] <= last[1]):
                lines = []
            lines.append(("\t".join(fields[:6]), fields[6]))
            last = place
        else:
            if fields[0] == ROOT and len(fields) in (8, 9):
                endorsement = fields[8] if len(fields) == 9 else ""
                yield ("\t".join(fields[:7]), fields[7], endorsement), lines, None
            lines = []


# --- The export --------------------------------------------------------------------------------


class Export:
    """Reads an export line by line."""

    def __init__(self, path, report, heads, outside):
        self.path = path
        self.report = report
        self.heads = heads
        self.outside = outside
        self.ledger = None
        self.opening = None
        self.stated = {}
        self.published = []
        self.closes = []
        self.end = None
        self.lines = 0
        self.notes = []

    def check(self):
        """Read everything once; a second time only for entries that were taken back."""
        running = hashlib.sha256()
        with open(self.path, "rb") as stream:
            for number, raw in enumerate(stream, start=1):
                self.lines = number
                record = self._record(number, raw)
                if record is None:
                    running.update(raw)
                    continue
                if self.end is not None:
                    self.report.fault(
                        (number, None), "ada baris sesudah penutup", "a line follows the end"
                    )
                if record.get("type") == "end":
                    self._finish(number, record, running.hexdigest())
                else:
                    self._take(number, record)
                running.update(raw)
        if self.opening is None:
            self.report.fault((1, None), "bukan ekspor buku stok", "not an export of a ledger")
            return
        if self.end is None:
            self.report.fault(
                (self.lines, None), "berkas terpotong: baris penutup tidak ada",
                "the file is cut off: its end is missing",
            )  # fmt: skip
        self._compare_tail()
        self._compare_balances()
        self._compare_published()
        self._check_reversals()

    def _record(self, number, raw):
        found = CHECKED.search(raw[-40:])
        body = None
        if found and raw.endswith(found.group(0)):
            body = raw[: -len(found.group(0))] + b"}"
            if hashlib.sha256(body).hexdigest()[:16] != found.group(1).decode():
                body = None
        try:
            record = json.loads(body.decode()) if body is not None else None
        except ValueError:
            record = None
        if isinstance(record, dict) and raw.endswith(b"\n"):
            return record
        entry = None
        if b'"entry"' in raw[:40] and self.ledger is not None:
            entry = self.ledger.sequence + 1
            self.ledger.lost(number)
        self.report.fault(
            (number, entry),
            "baris ini tidak terbaca: satu tanda atau lebih telah diubah",
            "this line cannot be read: one sign or more was changed",
        )
        return None

    def _take(self, number, record):
        try:
            kind = record["type"]
            if kind == "export" and number == 1:
                self._open(number, record)
            elif self.ledger is None:
                raise KeyError("export")
            elif kind == "entry":
                self.ledger.read(number, record["line"], record["hash"])
            elif kind == "balance":
                key = (int(record["variant"]), int(record["lot"]), str(record["account"]))
                self.stated[key] = [int(record[name]) for name in COUNTERS]
            elif kind == "head":
                self.published.append((number, record))
            elif kind == "close":
                self.closes.append((number, record))
            elif kind not in ("variant", "lot"):
                raise KeyError(kind)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.report.fault((number, None), "baris ini rusak", "this line is malformed")

    def _open(self, number, record):
        if record["format"] != EXPORT or record["ledger"] != LEDGER:
            raise KeyError("format")
        self.ledger = Ledger(self.report, int(record["upt"]))
        self.ledger.wanted = {int(record["sequence"])}
        for path in self.outside:
            for day, sequence, stated in read_heads(path, record["upt"], self.heads):
                self.published.append((path, (day, sequence, stated)))
                self.ledger.wanted.add(sequence)
        self.ledger.wanted |= _sequences(self.path)
        self.opening = record

    def _finish(self, number, record, digest):
        self.end = record
        try:
            text = "%s\t%s\t%s\t%s\t%s" % (
                EXPORT, self.opening["upt"], self.opening["sequence"], self.opening["hash"], digest,
            )  # fmt: skip
            is_whole = record["lines"] == number - 1 and record["sha256"] == digest
            is_good = is_signed(record["key"], text.encode(), record["signature"])
        except (KeyError, TypeError):
            is_whole = is_good = False
        if not is_whole:
            self.report.fault(
                (number, None),
                "jumlah baris atau sidik berkas tidak cocok: ada baris yang dibuang, ditambah,"
                " atau diubah",
                "count of lines or digest of the file differ: lines were removed, added or changed",
            )
        elif not is_good:
            self.report.fault(
                (number, None), "tanda tangan ekspor tidak sah",
                "the signature of the export is not valid",
            )  # fmt: skip

    def _compare_tail(self):
        ledger, opening = self.ledger, self.opening
        last, stated = ledger.sequence, int(opening["sequence"])
        if last < stated:
            self.report.fault(
                (None, last + 1),
                "ekor terpotong: catatan nomor %d sampai %d hilang" % (last + 1, stated),
                "the tail is cut off: entries %d to %d are missing" % (last + 1, stated),
            )
        elif last > stated or (ledger.hash is not None and ledger.hash != opening["hash"]):
            self.report.fault(
                (None, last),
                "ujung rantai tidak sama dengan yang tertulis di kepala berkas",
                "the end of the chain is not the one that the file states",
            )

    def _compare_balances(self):
        if not self.ledger.is_whole:
            self.notes.append(
                self.report.say(
                    "Saldo tidak dibandingkan, karena ada catatan yang rusak.",
                    "Balances were not compared, since an entry is damaged.",
                )
            )
            return
        zero = [0, 0, 0, 0]
        made = self.ledger.balances
        for key in sorted(set(made) | set(self.stated)):
            replayed, stated = made.get(key, zero), self.stated.get(key, zero)
            if replayed != stated:
                name = "barang %d, lot %d, %s" % key
                self.report.fault(
                    (None, None),
                    "saldo %s: menurut catatan %s, tertulis %s" % (name, replayed, stated),
                    "balance of %s: the entries say %s, the file %s" % (name, replayed, stated),
                )
        sums = {}
        for (variant, lot, _), stated in self.stated.items():
            total = sums.setdefault((variant, lot), [0, 0])
            total[0] += stated[0] - stated[1]
            total[1] += stated[2] - stated[3]
        for goods, total in sorted(sums.items()):
            if total != [0, 0]:
                self.report.fault(
                    (None, None),
                    "jumlah semua saldo barang %d lot %d bukan nol" % goods,
                    "the balances of goods %d lot %d do not add up to zero" % goods,
                )

    def _compare_published(self):
        self._embedded()
        key = self.end.get("key") if self.end else None
        self.heads.finish(key if isinstance(key, str) else None)
        self._marks()

    def _embedded(self):
        for place, (number, record) in enumerate(self.published):
            if not isinstance(record, dict):
                continue
            where = (number, None)
            try:
                fields = self.heads.root(
                    where, record["root"], record["root_signature"], record["endorsement"]
                )
                found = fields and self.heads.head(
                    where, record["line"], record["signature"], fields[6]
                )
                if not found:
                    continue
                if climb(leaf_of(record["line"]), record["proof"]) != fields[3]:
                    self.report.fault(
                        where, "ujung harian ini tidak termasuk dalam akar harinya",
                        "this head is not part of its day's root",
                    )  # fmt: skip
                if found[1] != fields[1] or found[2] != str(self.ledger.upt):
                    raise KeyError("day")
            except (KeyError, TypeError, ValueError, AttributeError):
                self.report.fault(where, "baris ujung harian rusak", "a daily head is malformed")
                continue
            self.published[place] = (number, (found[1], int(found[4]), found[5]))

    def _marks(self):
        marks = [(day, seq, made) for _, mark in self.published if isinstance(mark, tuple)
                 for day, seq, made in (mark,)]  # fmt: skip
        for _, record in self.closes:
            marks.append((str(record.get("month")), record.get("sequence"), record.get("hash")))
        for day, sequence, stated in marks:
            if sequence > self.ledger.sequence:
                self.report.fault(
                    (None, self.ledger.sequence + 1),
                    "ujung %s sudah sampai nomor %d; sesudah nomor %d hilang"
                    % (day, sequence, self.ledger.sequence),
                    "the head of %s reached entry %d; all after %d are missing"
                    % (day, sequence, self.ledger.sequence),
                )
            elif self.ledger.hashes.get(sequence) != stated:
                self.report.fault(
                    (None, sequence),
                    "berbeda dengan ujung yang diumumkan %s: catatan sampai nomor ini ditulis ulang"
                    % day,
                    "differs from the head published on %s: the entries up to here were rewritten"
                    % day,
                )

    def _check_reversals(self):
        wanted = self.ledger.reversals
        if not wanted:
            return
        with open(self.path, "rb") as stream:
            for raw in stream:
                if not raw.startswith(b'{"type":"entry"'):
                    continue
                try:
                    fields = json.loads(raw.decode())["line"].split("\t")
                    sequence = int(fields[2])
                    undone = wanted.pop(sequence, None)
                    if undone is not None:
                        self._check_reversal(fields, undone)
                except (ValueError, KeyError, IndexError):
                    continue
        for undone in wanted.values():
            self._not_reversible(undone[0])

    def _check_reversal(self, fields, undone):
        goods = (int(fields[7]), int(fields[8]))
        _, sequence, by_goods, accounts, quantity = undone[0]
        if (
            len(undone) > 1
            or by_goods != goods
            or accounts != (fields[10], fields[9])
            or quantity > int(fields[11])
            or fields[5] not in ("move", "post")
            or fields[13]
            or sequence <= int(fields[2])
        ):
            self._not_reversible(undone[-1])

    def _not_reversible(self, undone):
        self.report.fault(
            (undone[0], undone[1]),
            "membalik catatan yang tidak ada, sudah dibalik, atau lebih dari isinya",
            "takes back an entry that is not there, was taken back before, or held less",
        )


def _sequences(path):
    """Return the numbers whose hashes will be compared: those of heads and closed months."""
    found = set()
    with open(path, "rb") as stream:
        for raw in stream:
            if raw.startswith((b'{"type":"head"', b'{"type":"close"')):
                try:
                    record = json.loads(raw.decode())
                    found.add(
                        int(record["line"].split("\t")[4])
                        if record["type"] == "head"
                        else int(record["sequence"])
                    )
                except (ValueError, KeyError, IndexError):
                    continue
    return found


def main(arguments=None):
    """Check one export; return the exit code."""
    parser = argparse.ArgumentParser(
        description="Periksa ekspor buku stok Karyabina. / Check an export of a stock ledger."
    )
    parser.add_argument("export", help="berkas ekspor / the export")
    parser.add_argument(
        "--heads", nargs="+", default=[], metavar="FILE",
        help="berkas ujung harian (.json atau .txt) dari halaman Buku / daily files of heads",
    )  # fmt: skip
    parser.add_argument(
        "--key", help="kunci yang Anda percayai, 64 angka heksadesimal / trusted key"
    )
    parser.add_argument("--en", action="store_true", help="English")
    chosen = parser.parse_args(arguments)
    report = Report(chosen.en)
    heads = Heads(report, (chosen.key or "").lower() or None)
    export = Export(chosen.export, report, heads, chosen.heads)
    try:
        export.check()
    except OSError as error:
        print("%s: %s" % (report.say("tidak terbaca", "cannot be read"), error), file=sys.stderr)
        return 2
    for fault in report.faults:
        print(report.say("SALAH  ", "WRONG  ") + fault)
    if report.count > len(report.faults):
        more = report.count - len(report.faults)
        print(report.say("… dan %d lagi" % more, "… and %d more" % more))
    _summarise(export, report, heads, chosen)
    return 1 if report.count else 0


def _summarise(export, report, heads, chosen):
    ledger, opening = export.ledger, export.opening
    for note in export.notes:
        print(note)
    if ledger is not None and opening is not None:
        print(
            report.say(
                "%s: %d catatan, %d saldo, %d tanda tangan harian diperiksa.",
                "%s: %d entries, %d balances, %d daily signatures checked.",
            )
            % (opening.get("slug", ledger.upt), ledger.entries, len(export.stated), heads.checked)
        )
        print(
            report.say("Ujung rantai: nomor %d, %s", "End of the chain: entry %d, %s")
            % (ledger.sequence, ledger.hash)
        )
    if heads.keys:
        print(report.say("Kunci penanda tangan: ", "Signing key: ") + ", ".join(heads.keys))
        if not chosen.key:
            print(
                report.say(
                    "Bandingkan dengan kunci yang diumumkan, atau pakai --key.",
                    "Compare it with the published key, or use --key.",
                )
            )
    if not chosen.heads:
        print(
            report.say(
                "Tanpa --heads, buku yang ditulis ulang seluruhnya tidak akan ketahuan.",
                "Without --heads a ledger that was rewritten whole is not found.",
            )
        )
    if not report.count:
        print(report.say("COCOK: semuanya utuh.", "FITS: everything is whole."))


if __name__ == "__main__":
    sys.exit(main())
