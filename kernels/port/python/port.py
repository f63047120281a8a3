"""A device for `stego-kernels verify --device 'exec:python3 port.py'`: answers requests until standard input ends.

A request is a safetensors file after its length (kernels/port/README.md). Operations are functions whose arguments have the
names of the request's tensors and parameters; what they write, they write in place.
"""
import json
import struct
import sys

import numpy as np

from operation import OPERATIONS, Refused
import lattice, linear, losses, neighbors, resample, rows, training  # noqa: E401, F401 - they fill OPERATIONS

TYPES = {"F32": np.dtype("<f4"), "I32": np.dtype("<i4")}


def value(text):
    """Reads a parameter: a whole number, a number, a flag or a word."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text, text)


def read():
    """Returns the metadata and tensors of the next request; None at the end of standard input."""
    prefix = sys.stdin.buffer.read(8)
    if len(prefix) < 8:
        return None
    message = bytearray(sys.stdin.buffer.read(struct.unpack("<Q", prefix)[0]))
    header = 8 + struct.unpack("<Q", message[:8])[0]
    entries = json.loads(message[8:header])
    metadata = entries.pop("__metadata__")
    tensors = {}
    for name, entry in entries.items():
        begin, end = entry["data_offsets"]
        data = memoryview(message)[header + begin:header + end]
        tensors[name] = np.frombuffer(data, TYPES[entry["dtype"]]).reshape(entry["shape"])
    return metadata, tensors


def write(metadata, tensors):
    """Answers."""
    header = {"__metadata__": {"protocol": "1", **metadata}}
    data = b""
    for name, tensor in tensors.items():
        part = tensor.tobytes()
        kind = "I32" if tensor.dtype.kind == "i" else "F32"
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": [len(data), len(data) + len(part)]}
        data += part
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    sys.stdout.buffer.write(struct.pack("<QQ", 8 + len(text) + len(data), len(text)) + text + data)
    sys.stdout.buffer.flush()


def answer(metadata, tensors):
    """Computes a request."""
    name = metadata.pop("operation")
    if metadata.pop("protocol") != "1":
        return write({"status": "error", "message": "this program speaks protocol 1"}, {})
    if name == "hello":
        return write({"status": "ok", "name": "numpy " + np.__version__}, {})
    if name not in OPERATIONS:
        return write({"status": "unsupported"}, {})
    function, written = OPERATIONS[name]
    written = [key for key in written if key in tensors]
    if "alias" in metadata:
        other, own = metadata.pop("alias").split("=")
        tensors[other] = tensors[own]
    arguments = {name: tensor for name, tensor in tensors.items() if not name.endswith(".guard")}
    lists = {}
    for key in [key for key in arguments if "." in key]:
        lists.setdefault(key.split(".")[0], {})[int(key.split(".")[1])] = arguments.pop(key)
    arguments.update({key: [parts[i] for i in sorted(parts)] for key, parts in lists.items()})
    try:
        with np.errstate(all="ignore"):
            function(**arguments, **{key: value(text) for key, text in metadata.items()})
    except Refused as refused:
        return write({"status": "refused", "message": str(refused)}, {})
    return write({"status": "ok"}, {key: tensors[key] for key in written})


def main():
    while (request := read()) is not None:
        answer(*request)


if __name__ == "__main__":
    main()
