"""Judges checkpoints, proofs and tiles with pymerkle, and signatures with openssl.

Reads a case a line (JSON), answers a line each, as ../go/judge.go does. Runs in a process of its own and is
no part of the product: pymerkle is under the GPL, version 3.

pymerkle counts leaves from one, begins the path of an inclusion with the leaf's own hash, and wants the rule by
which a path is folded; RFC 6962 leaves both to the reader, who knows index and size. Its own proofs of consistency
are laid out another way than the RFC's wherever the old tree ends where a subtree does: it goes down on the
right of that place to a single leaf. So the layout is the RFC's, written here, and the folding is pymerkle's.
"""

import base64
import binascii
import functools
import hashlib
import json
import os
import subprocess
import sys
import tempfile

from pymerkle import InmemoryTree
from pymerkle.core import _inclusion_path_layout
from pymerkle.proof import ConsistencyProof, InclusionProof, InvalidProof

WIDTH = 256
# What stands before the 32 bytes of an Ed25519 key to make it one that openssl reads (RFC 8410).
SPKI = bytes.fromhex("302a300506032b6570032100")


class Reject(Exception):
    """What is told is not so."""


def decode(text):
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Reject("not base64") from error


def a_hash(data):
    if len(data) != 32:
        raise Reject("not a hash")
    return data


def decimal(text):
    if not (text.isascii() and text.isdigit() and str(int(text)) == text):
        raise Reject("not a number as it is written")
    return int(text)


def verifier(text):
    """Name, id and public key; a key that is told wrongly is no case but a mistake."""
    name, key_id, key = text.split("+", 2)
    key = base64.b64decode(key, validate=True)
    digest = hashlib.sha256(name.encode() + b"\n" + key).hexdigest()
    assert key[0] == 1 and len(key) == 33 and digest[:8] == key_id, text
    return name, bytes.fromhex(key_id), key[1:]


@functools.cache
def signed_by(key, message, signature):
    if len(signature) != 64:
        return False
    with tempfile.TemporaryDirectory() as directory:
        files = {"key": SPKI + key, "message": message, "signature": signature}
        for name, data in files.items():
            with open(os.path.join(directory, name), "wb") as file:
                file.write(data)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key", "-rawin"]
        command += ["-in", "message", "-sigfile", "signature"]
        done = subprocess.run(command, cwd=directory, capture_output=True, check=False)
    # Anything but a plain yes or no is a mistake of this judge, and no verdict.
    if b"Signature Verified Successfully" in done.stdout and done.returncode == 0:
        return True
    assert b"Signature Verification Failure" in done.stdout, (done.stdout, done.stderr)
    return False


def checkpoint(note, keys):
    known = [verifier(key) for key in keys]
    try:
        text = note.decode()
    except UnicodeDecodeError as error:
        raise Reject("not UTF-8") from error
    if any(ord(char) < 0x20 and char != "\n" for char in text) or not text.endswith("\n"):
        raise Reject("not a note")
    body, found, signatures = text.rpartition("\n\n")
    if not found:
        raise Reject("no signatures")
    body += "\n"
    signers = set()
    for line in signatures[:-1].split("\n"):
        mark, name, data = (line.split(" ") + ["", ""])[:3]
        data = decode(data)
        if mark != "\u2014" or not name or line.count(" ") != 2 or len(data) < 5:
            raise Reject("not a signature")
        for key_name, key_id, key in known:
            if (name, data[:4]) == (key_name, key_id):
                if not signed_by(key, body.encode(), data[4:]):
                    raise Reject("a signature does not fit")
                signers.add(name)
    lines = body[:-1].split("\n")
    if len(lines) < 3 or "" in lines or lines[0] not in signers:
        raise Reject("not a checkpoint that the log has signed")
    return decimal(lines[1]), a_hash(decode(lines[2]))


def inclusion(case):
    head, found, note = base64.b64decode(case["receipt"]).partition(b"\n\n")
    if not found:
        raise Reject("no empty line ends the proof")
    try:
        lines = head.decode().split("\n")
    except UnicodeDecodeError as error:
        raise Reject("not UTF-8") from error
    if len(lines) < 2 or lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("index "):
        raise Reject("not a receipt")
    index = decimal(lines[1].removeprefix("index ")) + 1
    path = [a_hash(decode(line)) for line in lines[2:]]
    size, root = checkpoint(note, case["keys"])
    if not 0 < index <= size:
        raise Reject("no such leaf")
    leaf = hashlib.sha256(b"\x00" + base64.b64decode(case["leaf"])).digest()
    rule, _ = _inclusion_path_layout(index, size)
    proof = InclusionProof("sha256", True, size, index, rule, [leaf, *path])
    proof.verify(leaf, root, index=index, size=size, algorithm="sha256")


def consistency_layout(old, new):
    """PROOF and SUBPROOF of RFC 6962, section 2.1.2: for every hash from the first up, whether the next one stands
    on its left, and whether the old tree has it."""
    sides, old_has = [], []
    while old != new:
        left = 1 << (new - 1).bit_length() - 1
        if old <= left:
            sides.append(0)
            old_has.append(0)
            new = left
        else:
            sides.append(1)
            old_has.append(1)
            old, new = old - left, new - left
    # pymerkle has one more side than it folds, and the first hash is always the old tree's.
    return sides[::-1] + [0], [1] + old_has[::-1]


def consistency(case):
    old, new = case["old"], case["new"]
    old_root, new_root = (a_hash(base64.b64decode(case[name])) for name in ("old_root", "new_root"))
    path = [a_hash(base64.b64decode(text)) for text in case["hashes"]]
    if not 0 < old <= new:
        raise Reject("no such trees")
    # RFC 6962 leaves out the first hash where it is the old root.
    if old == new or old & (old - 1) == 0:
        path.insert(0, old_root)
    rule, subset = consistency_layout(old, new)
    if len(path) != len(rule):
        raise Reject("too many hashes, or too few")
    proof = ConsistencyProof("sha256", True, new, old, rule, subset, path)
    if proof.retrieve_prior_state() != old_root or proof.compute_root() != new_root:
        raise Reject("another root")


def tile_path(kind, index, width):
    assert index < 1000, "the trees of this judge are small"
    return f"tile/{kind}/{index:03}" + (f".p/{width}" if width < WIDTH else "")


def leaves(bundle, width):
    for _ in range(width):
        length = int.from_bytes(bundle[:2], "big")
        if len(bundle) < 2 + length:
            raise Reject("a bundle is too short")
        yield bundle[2:2 + length]
        bundle = bundle[2 + length:]
    if bundle:
        raise Reject("a bundle is too long")


def tiles(case, sets):
    """Builds the tree anew from its leaves, and holds the checkpoint and every tile against it."""
    size, root = checkpoint(base64.b64decode(case["note"]), case["keys"])
    shelf = {**sets[case["set"]], **case["change"]}

    def read(path):
        data = shelf.get(path)
        if data is None:
            raise Reject("there is no " + path)
        return base64.b64decode(data)

    if size > sum(WIDTH for path in shelf if path.startswith("tile/entries/")):
        raise Reject("there are not so many leaves")
    tree = InmemoryTree(algorithm="sha256")
    for first in range(0, size, WIDTH):
        width = min(WIDTH, size - first)
        for leaf in leaves(read(tile_path("entries", first // WIDTH, width)), width):
            tree.append_entry(leaf)
    if tree.get_root(size) != root:
        raise Reject("another root")
    level, span = 0, 1
    while size // span > 0:
        count = size // span
        for first in range(0, count, WIDTH):
            width = min(WIDTH, count - first)
            hashes = b"".join(tree._get_subroot(at * span, span) for at in range(first, first + width))
            if read(tile_path(level, first // WIDTH, width)) != hashes:
                raise Reject("a tile is another")
        level, span = level + 1, span * WIDTH


def judge(case, sets):
    kind = case["kind"]
    if kind == "checkpoint":
        checkpoint(base64.b64decode(case["note"]), case["keys"])
    elif kind == "inclusion":
        inclusion(case)
    elif kind == "consistency":
        consistency(case)
    elif kind == "tile":
        tiles(case, sets)
    else:
        raise AssertionError("an unknown kind: " + kind)


def main():
    sets = {}
    for line in sys.stdin:
        case = json.loads(line)
        if case["kind"] == "set":
            sets[case["name"]] = case["tiles"]
            print("set")
            continue
        try:
            judge(case, sets)
        except (Reject, InvalidProof) as why:
            print("reject", " ".join(str(why).split()))
        else:
            print("accept")


main()
