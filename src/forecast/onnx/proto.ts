import protobuf from "protobufjs/light.js";

/**
 * The part of onnx.proto (https://github.com/onnx/onnx) that our graphs use: field → [type, field number,
 * repeated].
 */
const MESSAGES: Record<string, Record<string, readonly [type: string, id: number, repeated?: "repeated"]>> = {
  ModelProto: {
    irVersion: ["int64", 1],
    producerName: ["string", 2],
    producerVersion: ["string", 3],
    docString: ["string", 6],
    graph: ["GraphProto", 7],
    opsetImport: ["OperatorSetIdProto", 8, "repeated"],
    metadataProps: ["StringStringEntryProto", 14, "repeated"],
  },
  GraphProto: {
    node: ["NodeProto", 1, "repeated"],
    name: ["string", 2],
    initializer: ["TensorProto", 5, "repeated"],
    input: ["ValueInfoProto", 11, "repeated"],
    output: ["ValueInfoProto", 12, "repeated"],
  },
  NodeProto: {
    input: ["string", 1, "repeated"],
    output: ["string", 2, "repeated"],
    name: ["string", 3],
    opType: ["string", 4],
    attribute: ["AttributeProto", 5, "repeated"],
  },
  AttributeProto: {
    name: ["string", 1],
    i: ["int64", 3],
    ints: ["int64", 8, "repeated"],
    type: ["int32", 20],
  },
  TensorProto: {
    dims: ["int64", 1, "repeated"],
    dataType: ["int32", 2],
    name: ["string", 8],
    rawData: ["bytes", 9],
  },
  ValueInfoProto: { name: ["string", 1], type: ["TypeProto", 2], docString: ["string", 3] },
  TypeProto: { tensorType: ["TensorTypeProto", 1] },
  /** `TypeProto.Tensor` in the original; message names are not on the wire. */
  TensorTypeProto: { elemType: ["int32", 1], shape: ["TensorShapeProto", 2] },
  TensorShapeProto: { dim: ["DimensionProto", 1, "repeated"] },
  DimensionProto: { dimValue: ["int64", 1], dimParam: ["string", 2] },
  OperatorSetIdProto: { domain: ["string", 1], version: ["int64", 2] },
  StringStringEntryProto: { key: ["string", 1], value: ["string", 2] },
};

/** `TensorProto.DataType` */
export const ELEMENT = { float: 1, int64: 7, bool: 9, double: 11 } as const;
export type Element = keyof typeof ELEMENT;

/** `AttributeProto.AttributeType`, as far as our operators need it. */
const ATTRIBUTE = { int: 2, ints: 7 } as const;

export type Attribute =
  | { readonly name: string; readonly i: number; readonly type: typeof ATTRIBUTE.int }
  | { readonly name: string; readonly ints: readonly number[]; readonly type: typeof ATTRIBUTE.ints };

export interface Node {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly Attribute[];
}

export interface Tensor {
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly name: string;
  /** Little-endian. */
  readonly rawData: Uint8Array;
}

export interface ValueInfo {
  readonly name: string;
  readonly type: {
    readonly tensorType: {
      readonly elemType: number;
      readonly shape: {
        readonly dim: readonly ({ readonly dimValue: number } | { readonly dimParam: string })[];
      };
    };
  };
}

export interface Graph {
  readonly name: string;
  readonly node: readonly Node[];
  readonly initializer: readonly Tensor[];
  readonly input: readonly ValueInfo[];
  readonly output: readonly ValueInfo[];
}

export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly docString: string;
  readonly graph: Graph;
  readonly opsetImport: readonly { readonly domain: string; readonly version: number }[];
  readonly metadataProps: readonly { readonly key: string; readonly value: string }[];
}

export const attribute = (name: string, value: number | readonly number[]): Attribute =>
  typeof value === "number"
    ? { name, i: value, type: ATTRIBUTE.int }
    : { name, ints: value, type: ATTRIBUTE.ints };

// proto2, like onnx.proto itself: a zero that is set is written, and readers tell it from one that is not.
const SYNTAX = { edition: "proto2" };

const modelType = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(MESSAGES).map(([message, fields]) => [
      message,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [type, id, rule]]) => [
            field,
            { type, id, ...SYNTAX, ...(rule === undefined ? {} : { rule }) },
          ]),
        ),
      },
    ]),
  ),
}).lookupType("ModelProto");

/** The same model gives the same bytes: fields are written by rising number, lists in the given order. */
export function encodeModel(model: OnnxModel): Uint8Array {
  return modelType.encode(modelType.create(model as unknown as { [key: string]: unknown })).finish();
}

/**
 * @throws Error when the bytes are not a protobuf message of this shape; fields outside our subset are
 * skipped.
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  return modelType.toObject(modelType.decode(bytes), {
    longs: Number,
    defaults: true,
    arrays: true,
  }) as unknown as OnnxModel;
}
