#!/usr/bin/env python3
"""Writes a vision transformer as an ONNX graph with constant weights, fit for timing only.

    apt-get install python3-onnx
    bench/peers/vit_onnx.py vit-b8 320 vit-b8_320.onnx
"""
import sys

import numpy
from onnx import TensorProto, checker, helper, numpy_helper, save

# depth, width, heads, patch
MODELS = {"deit-tiny": (12, 192, 3, 16), "vit-s8": (12, 384, 6, 8), "vit-b8": (12, 768, 12, 8)}

model, size, file = sys.argv[1], int(sys.argv[2]), sys.argv[3]
depth, width, heads, patch = MODELS[model]
tokens = 1 + (size // patch) ** 2
nodes, initializers = [], []


def node(kind, *inputs, **attributes):
    name = f"{kind}_{len(nodes)}"
    nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
    return name


def constant(value, kind=numpy.float32):
    name = f"constant_{len(initializers)}"
    initializers.append(numpy_helper.from_array(numpy.array(value, kind), name))
    return name


def weight(*shape):
    value = helper.make_tensor("value", TensorProto.FLOAT, [1], [0.02])
    return node("ConstantOfShape", constant(shape, numpy.int64), value=value)


def reshape(x, *shape):
    return node("Reshape", x, constant(shape, numpy.int64))


def norm(x):
    return node("LayerNormalization", x, weight(width), weight(width), axis=-1, epsilon=1e-6)


def linear(x, inputs, outputs):
    return node("Add", node("MatMul", x, weight(inputs, outputs)), weight(outputs))


def gelu(x):
    erf = node("Erf", node("Div", x, constant(2 ** 0.5)))
    return node("Mul", node("Mul", x, node("Add", erf, constant(1))), constant(0.5))


def part(qkv, index):
    return node("Gather", qkv, constant(index, numpy.int64), axis=0)


def attention(x):
    qkv = reshape(linear(x, width, 3 * width), 1, tokens, 3, heads, width // heads)
    qkv = node("Transpose", qkv, perm=[2, 0, 3, 1, 4])
    scores = node("MatMul", part(qkv, 0), node("Transpose", part(qkv, 1), perm=[0, 1, 3, 2]))
    weights = node("Softmax", node("Mul", scores, constant((width // heads) ** -0.5)), axis=-1)
    mixed = node("Transpose", node("MatMul", weights, part(qkv, 2)), perm=[0, 2, 1, 3])
    return linear(reshape(mixed, 1, tokens, width), width, width)


x = node("Conv", "image", weight(width, 3, patch, patch), weight(width), strides=[patch, patch])
x = node("Transpose", reshape(x, 1, width, tokens - 1), perm=[0, 2, 1])
x = node("Add", node("Concat", weight(1, 1, width), x, axis=1), weight(1, tokens, width))
for _ in range(depth):
    x = node("Add", x, attention(norm(x)))
    x = node("Add", x, linear(gelu(linear(norm(x), width, 4 * width)), 4 * width, width))
x = norm(x)
graph = helper.make_graph(
    nodes, model, [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, size, size])],
    [helper.make_tensor_value_info(x, TensorProto.FLOAT, [1, tokens, width])], initializers)
result = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
checker.check_model(result)
save(result, file)
