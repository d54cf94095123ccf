import type { ForeignTensor, Tensor } from "../../onnx/proto.js";
import { UnusableGraph } from "./unusable.js";

/** Bytes of an element by `TensorProto.DataType`, as `rawData` holds them. */
const WIDTHS: ReadonlyMap<number, number> = new Map([
  [1, 4], // float
  [2, 1], // uint8
  [3, 1], // int8
  [4, 2], // uint16
  [5, 2], // int16
  [6, 4], // int32
  [7, 8], // int64
  [9, 1], // bool
  [10, 2], // float16
  [11, 8], // double
  [12, 4], // uint32
  [13, 8], // uint64
]);

/**
 * The same tensor with its numbers in `rawData`.
 * @throws UnusableGraph for text, numbers in another file and rare element types
 */
export function rawTensor(tensor: ForeignTensor): Tensor {
  const name = tensor.name ?? "";
  const dataType = tensor.dataType ?? 0;
  const width = WIDTHS.get(dataType);
  if (width === undefined)
    throw new UnusableGraph(`the constant ${name} has the element type ${dataType}: numbers are expected`);
  if (tensor.dataLocation === 1)
    throw new UnusableGraph(`the constant ${name} lies in another file: one file with all of it is expected`);
  const dims = tensor.dims ?? [];
  const rawData = numbersOf(tensor, width);
  const expected = dims.reduce((product, size) => product * size, width);
  if (rawData.length !== expected)
    throw new UnusableGraph(
      `the constant ${name} has ${rawData.length} bytes, its shape asks for ${expected}`,
    );
  return { dims, dataType, name, rawData };
}

function numbersOf(tensor: ForeignTensor, width: number): Uint8Array {
  const { rawData, floatData, doubleData, int32Data, int64Data, uint64Data } = tensor;
  if (rawData !== undefined) return rawData;
  // Packed fixed-width numbers are the same bytes.
  if (floatData !== undefined) return floatData;
  if (doubleData !== undefined) return doubleData;
  return fromVarints(int32Data ?? int64Data ?? uint64Data ?? new Uint8Array(0), width);
}

/** Packed varints as little-endian numbers of `width` bytes, in two's complement. */
function fromVarints(packed: Uint8Array, width: number): Uint8Array {
  const values: bigint[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of packed) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    values.push(value);
    value = 0n;
    shift = 0n;
  }
  const bytes = new Uint8Array(values.length * width);
  values.forEach((number, index) => {
    for (let b = 0; b < width; b++) bytes[index * width + b] = Number((number >> BigInt(8 * b)) & 0xffn);
  });
  return bytes;
}
