"""Checks a directory of evidence with hashlib and openssl alone: check.py PUBLIC-KEY..."""
import base64, hashlib, json, pathlib, subprocess, sys, tempfile

if not __debug__:
    sys.exit("with -O or PYTHONOPTIMIZE, Python leaves out every check of this script")
if len(sys.argv) < 2 or any(text.count("+") < 2 for text in sys.argv[1:]):
    sys.exit(__doc__)

HERE = pathlib.Path(__file__).resolve().parent
ED25519 = bytes.fromhex("302a300506032b6570032100")  # what stands before a public key in DER

def sha256(data):
    return hashlib.sha256(data).digest()

def signed(text, signature, key):
    with tempfile.TemporaryDirectory() as tmp:
        files = [pathlib.Path(tmp, name) for name in ("key", "text", "signature")]
        for file, data in zip(files, (ED25519 + key, text, signature)):
            file.write_bytes(data)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-rawin"]
        command += ["-inkey", files[0], "-in", files[1], "-sigfile", files[2]]
        return subprocess.run(command, capture_output=True).returncode == 0

def note(name, keys):  # its text, if one of the keys has signed it
    text, _, lines = (HERE / name).read_bytes().rpartition(b"\n\n")
    text += b"\n"
    *lines, end = lines.decode().split("\n")
    assert end == "", f"{name}: its last line has no end"
    for line in lines:
        _, signer, data = line.split(" ")
        data = base64.b64decode(data)
        for key_name, key_id, key in keys:
            if (signer, data[:4]) == (key_name, key_id):
                assert signed(text, data[4:], key), f"{name}: the signature does not fit"
                return signer, text.decode().split("\n")[:-1]
    raise AssertionError(f"{name}: none of the keys has signed it")

def proven(index, size, path, leaf, root):  # RFC 9162, 2.1.3.2
    fn, sn, found = index, size - 1, leaf
    assert index < size
    for hash in path:
        assert sn > 0
        if fn & 1 or fn == sn:
            found = sha256(b"\1" + hash + found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = sha256(b"\1" + found + hash)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and found == root

keys = []
for text in sys.argv[1:]:
    name, key_id, key = text.split("+", 2)
    keys.append((name, bytes.fromhex(key_id), base64.b64decode(key)[1:]))
signer, manifest = note("manifest.note", keys)
assert manifest[0] == "mfa-ledger-evidence v1" and manifest[1] == f"log {signer}", "this is no manifest"
listed = (HERE / "manifest.sha256").read_bytes()
assert manifest[-1] == f"sha256 {sha256(listed).hex()}", "manifest.sha256 was altered"
names = {"manifest.note", "manifest.sha256"}
for line in listed.decode().splitlines():
    hash, name = line.split("  ", 1)
    names.add(name)
    assert sha256((HERE / name).read_bytes()).hex() == hash, f"{name} was altered"
found = {str(file.relative_to(HERE)) for file in HERE.rglob("*") if file.is_file()}
assert found == names, f"added or missing: {sorted(found ^ names)}"
signer, lines = note("checkpoint", keys)
size, root = int(lines[1]), base64.b64decode(lines[2])
assert lines[0] == signer and manifest[3] == f"checkpoint {size}", "the checkpoint is another"
events = sorted(HERE.glob("events/*.json"))
assert manifest[4] == f"events {len(events)}"
for event in events:
    receipt = (HERE / "proofs" / f"{event.stem}.tlog-proof").read_text()
    proof, checkpoint = receipt.split("\n\n", 1)
    head, index, *path = proof.split("\n")
    assert head == "c2sp.org/tlog-proof@v1" and index == f"index {int(event.stem) - 1}", event.name
    assert checkpoint == (HERE / "checkpoint").read_text(), f"{event.name}: another checkpoint"
    leaf, path = sha256(b"\0" + event.read_bytes()), [base64.b64decode(hash) for hash in path]
    assert proven(int(event.stem) - 1, size, path, leaf, root), f"{event.name} is not in the log"
for stretch in json.loads((HERE / "policy.json").read_text()):
    leaf = json.loads((HERE / "events" / f"{stretch['set_at']:012}.json").read_text())
    assert leaf["data"]["details"]["settings"] == stretch["settings"], "policy.json says something else"
print(f"{len(events)} events, {manifest[2]}, are in the log {signer} with its checkpoint of {size} records")
