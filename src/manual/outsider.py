"""Checks what `mfa-ledger log export --leaves` wrote, with nothing but hashlib: outsider.py FILE"""
import base64, hashlib, sys

if not __debug__:
    sys.exit("with -O or PYTHONOPTIMIZE, Python leaves out every check of this script")
if len(sys.argv) != 2:
    sys.exit(__doc__)

def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()

def left_of(size):  # the complete subtrees that the first leaves are made of, by their sizes
    return [1 << bit for bit in range(63, -1, -1) if size >> bit & 1]

def between(at, end):  # those from one leaf up to another: the largest aligned ones that fit
    sizes = []
    while at < end:
        size = max(1 << bit for bit in range(64) if at % (1 << bit) == 0 and at + (1 << bit) <= end)
        sizes, at = sizes + [size], at + size
    return sizes

def push(tree, size, hash):  # a tree is the complete subtrees that it is made of
    while tree and tree[-1][0] == size:
        size, hash = 2 * size, node(tree.pop()[1], hash)
    tree.append((size, hash))

with open(sys.argv[1], "rb") as file:
    assert file.readline() == b"mfa-ledger-export v1\n", "this is not an export"
    head, sides = {}, {"left": [], "right": []}
    while "checkpoint" not in head:
        name, value = file.readline().decode().rstrip("\n").split(" ", 1)
        if name in sides:
            sides[name].append(base64.b64decode(value))
        else:
            head[name] = value
    note = file.read(int(head["checkpoint"])).decode()
    origin, size, root = note.split("\n")[:3]
    size, begin, to = int(size), int(head["from"]) - 1, int(head["to"])
    assert head["form"] == "leaves" and origin == head["origin"] and 0 <= begin < to <= size
    assert len(sides["left"]) == len(left_of(begin)) and len(sides["right"]) == len(between(to, size))
    tree = list(zip(left_of(begin), sides["left"]))
    for _ in range(begin, to):
        leaf = file.readline()
        assert leaf.endswith(b"\n"), "it is cut short"
        push(tree, 1, hashlib.sha256(b"\0" + leaf[:-1]).digest())
    assert file.read() == b"end %d\n" % to, "its end is another"
    for width, hash in zip(between(to, size), sides["right"]):
        push(tree, width, hash)
    found = tree.pop()[1]
    while tree:
        found = node(tree.pop()[1], found)
    assert found == base64.b64decode(root), "the records are not those that were signed for"
print("positions %d to %d of %d are in the log with this checkpoint:\n\n%s" % (begin + 1, to, size, note), end="")
