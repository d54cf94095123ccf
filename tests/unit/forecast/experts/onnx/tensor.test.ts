import { expect, test } from "vitest";
import { rawTensor } from "../../../../../src/forecast/experts/onnx/tensor.js";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("typed lists are read exactly, in every width", () => {
  const largest = bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f);
  const minusOne = bytes(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01);
  const int64 = rawTensor({ name: "a", dataType: 7, dims: [2], int64Data: bytes(...largest, ...minusOne) });
  expect(Buffer.from(int64.rawData).readBigInt64LE(0)).toBe(2n ** 63n - 1n);
  expect(Buffer.from(int64.rawData).readBigInt64LE(8)).toBe(-1n);
  const int32 = rawTensor({ name: "b", dataType: 6, dims: [1], int32Data: minusOne });
  expect(Buffer.from(int32.rawData).readInt32LE(0)).toBe(-1);
  expect([...rawTensor({ dataType: 9, dims: [2], int32Data: bytes(1, 0) }).rawData]).toEqual([1, 0]);
  const one = new Uint8Array(new Float32Array([1.5]).buffer);
  expect(rawTensor({ dataType: 1, dims: [], floatData: one }).rawData).toEqual(one);
});

test.each([
  ["text", { name: "t", dataType: 8, dims: [1] }, /element type 8/],
  ["numbers in another file", { name: "t", dataType: 1, dims: [1], dataLocation: 1 }, /another file/],
  ["too few numbers", { name: "t", dataType: 1, dims: [3], rawData: bytes(0, 0, 0, 0) }, /asks for 12/],
])("%s is refused", (_, tensor, problem) => {
  expect(() => rawTensor(tensor)).toThrow(problem);
});
