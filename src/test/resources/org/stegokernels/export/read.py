"""Reads what an exporter wrote, by Pillow, NumPy and the published descriptions of the formats alone.

read.py FORMAT FOLDER NAME: writes the picture's class ids (or object numbers, confidences) as raw bytes, row by row.
"""
import json
import math
import sys
import xml.etree.ElementTree

import numpy as np
from PIL import Image

IGNORE = 255


def filled(rings, height, width):
    """Even-odd filling of rings of (x, y), by the centres of pixels."""
    mask = np.zeros((height, width), bool)
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1]):
            low, high = (y1, y2) if y1 < y2 else (y2, y1)
            for y in range(math.ceil(low - 0.5), math.ceil(high - 0.5)):
                x = x1 + (y + 0.5 - y1) * (x2 - x1) / (y2 - y1)
                mask[y, max(0, math.ceil(x - 0.5)):] ^= True
    return mask


def painted(layers, height, width):
    ids = np.full((height, width), IGNORE, np.uint8)
    for mask, class_id in layers:
        assert (ids[mask] == IGNORE).all(), "two objects on one pixel"
        ids[mask] = class_id
    return ids


def pairs(numbers):
    return list(zip(numbers[0::2], numbers[1::2]))


def image(path, mode):
    picture = Image.open(path)
    assert picture.mode == mode, picture.mode
    return np.array(picture)


def coco_mask(segmentation):
    height, width = segmentation["size"]
    counts, number, shift = [], 0, 0
    for character in segmentation["counts"]:
        group = ord(character) - 48
        number |= (group & 31) << shift
        shift += 5
        if group < 32:
            if group & 16:
                number -= 1 << shift
            counts.append(number + (counts[-2] if len(counts) > 2 else 0))
            number, shift = 0, 0
    values = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return values.reshape(width, height).T


def coco(path, name):
    data = json.load(open(path, encoding="utf-8"))
    picture = next(i for i in data["images"] if i["file_name"] == name + ".jpg")
    size = picture["height"], picture["width"]
    categories = {c["id"]: c for c in data["categories"]}
    assert len({a["id"] for a in data["annotations"]}) == len(data["annotations"])
    layers = []
    for annotation in data["annotations"]:
        if annotation["image_id"] != picture["id"]:
            continue
        assert annotation["category_id"] in categories and annotation["iscrowd"] == 0
        segmentation = annotation["segmentation"]
        if isinstance(segmentation, dict):
            mask = coco_mask(segmentation)
        else:
            mask = filled([pairs(ring) for ring in segmentation], *size)
        rows, columns = np.nonzero(mask)
        box = [columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1]
        assert annotation["area"] == mask.sum() and annotation["bbox"] == box
        layers.append((mask, annotation["category_id"] - 1))
    return painted(layers, *size)


def yolo(folder, name):
    # The format has no size; the tests have pictures of one.
    width, height = 60, 40
    layers = []
    for line in open(f"{folder}/labels/{name}.txt"):
        index, *shares = line.split()
        assert len(shares) >= 6
        points = [(round(float(x) * width), round(float(y) * height)) for x, y in pairs(shares)]
        layers.append((filled([points], height, width), int(index)))
    return painted(layers, height, width)


def geojson(folder, name):
    data = json.load(open(f"{folder}/{name}.geojson", encoding="utf-8"))
    layers = []
    for feature in data["features"]:
        assert feature["geometry"]["type"] == "Polygon"
        rings = [[tuple(point) for point in ring] for ring in feature["geometry"]["coordinates"]]
        for i, ring in enumerate(rings):
            assert ring[0] == ring[-1]
            twice = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:]))
            assert (twice > 0) == (i == 0)
        layers.append((filled(rings, 40, 60), feature["properties"]["class_id"]))
    return painted(layers, 40, 60)


class Bits:
    def __init__(self, data):
        self.text = "".join(f"{byte:08b}" for byte in data)
        self.at = 0

    def read(self, count):
        self.at += count
        return int(self.text[self.at - count:self.at], 2)


def brush(data):
    bits = Bits(data)
    count = bits.read(32)
    word = bits.read(5) + 1
    sizes = [bits.read(4) + 1 for _ in range(4)]
    values = []
    while len(values) < count:
        run = bits.read(1)
        length = bits.read(sizes[bits.read(2)]) + 1
        values += [bits.read(word)] * length if run else [bits.read(word) for _ in range(length)]
    return np.array(values, np.uint8)


def label_studio(folder, name):
    labels = [label.get("value") for label in xml.etree.ElementTree.parse(f"{folder}/config.xml").iter("Label")]
    tasks = json.load(open(f"{folder}/tasks.json", encoding="utf-8"))
    task = next(t for t in tasks if t["data"]["image"] == f"/data/local-files/?d={name}.jpg".replace(" ", "%20"))
    layers = []
    for result in task["predictions"][0]["result"]:
        height, width = result["original_height"], result["original_width"]
        channels = brush(result["value"]["rle"]).reshape(height, width, 4)
        assert (channels == channels[:, :, :1]).all()
        layers.append((channels[:, :, 3] == 255, labels.index(result["value"]["brushlabels"][0])))
    return painted(layers, height, width)


def cvat(folder, name):
    assert name in open(f"{folder}/ImageSets/Segmentation/default.txt").read().splitlines()
    lines = [line for line in open(f"{folder}/labelmap.txt", encoding="utf-8") if not line.startswith("#")]
    colors = [tuple(map(int, line.split(":")[1].split(","))) for line in lines]
    assert colors[0] == (0, 0, 0) and len(set(colors)) == len(colors)
    rgb = np.array(Image.open(f"{folder}/SegmentationClass/{name}.png").convert("RGB"))
    numbers = image(f"{folder}/SegmentationObject/{name}.png", "P")
    ids = np.full(rgb.shape[:2], IGNORE, np.uint8)
    for index, color in enumerate(colors[1:]):
        ids[(rgb == color).all(axis=2)] = index
    for number in range(1, numbers.max() + 1):
        assert len(np.unique(ids[numbers == number])) == 1, "an object of two classes"
    assert ((numbers == 0) == (ids == IGNORE)).all()
    return ids


def color(folder, name):
    rgb = image(f"{folder}/{name}.png", "RGB")
    ids = np.full(rgb.shape[:2], IGNORE, np.uint8)
    for class_id, value in enumerate([(200, 0, 0), (0, 200, 0), (0, 0, 200)]):
        ids[(rgb == value).all(axis=2)] = class_id
    return ids


READERS = {
    "png": lambda folder, name: image(f"{folder}/{name}.png", "P"),
    "ids": lambda folder, name: image(f"{folder}/{name}.png", "L"),
    "instances": lambda folder, name: np.array(Image.open(f"{folder}/{name}.png")).astype("<u2"),
    "confidence": lambda folder, name: np.array(Image.open(f"{folder}/{name}.confidence.png")).astype("<u2"),
    "color": color,
    "npy": lambda folder, name: np.load(f"{folder}/{name}.npy"),
    "cutout": lambda folder, name: image(f"{folder}/{name}.png", "RGBA"),
    "cityscapes": lambda folder, name: image(f"{folder}/{name}_labelIds.png", "L"),
    "coco": lambda folder, name: coco(f"{folder}/coco.json", name),
    "coco-polygons": lambda folder, name: coco(f"{folder}/coco-polygons.json", name),
    "yolo": yolo,
    "geojson": geojson,
    "labelstudio": label_studio,
    "cvat": cvat,
}

sys.stdout.buffer.write(READERS[sys.argv[1]](sys.argv[2], sys.argv[3]).tobytes())
