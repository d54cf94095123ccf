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
    domain: ["string", 7],
  },
  AttributeProto: {
    name: ["string", 1],
    f: ["float", 2],
    i: ["int64", 3],
    s: ["bytes", 4],
    t: ["TensorProto", 5],
    g: ["GraphProto", 6],
    floats: ["float", 7, "repeated"],
    ints: ["int64", 8, "repeated"],
    strings: ["bytes", 9, "repeated"],
    type: ["int32", 20],
  },
  TensorProto: {
    dims: ["int64", 1, "repeated"],
    dataType: ["int32", 2],
    // Lists that other programs write in the place of rawData. They are packed: as bytes, no int64 is rounded.
    floatData: ["bytes", 4],
    int32Data: ["bytes", 5],
    int64Data: ["bytes", 7],
    name: ["string", 8],
    rawData: ["bytes", 9],
    doubleData: ["bytes", 10],
    uint64Data: ["bytes", 11],
    dataLocation: ["int32", 14],
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

/** `AttributeProto.AttributeType` */
const ATTRIBUTE = { f: 1, i: 2, s: 3, t: 4, g: 5, floats: 6, ints: 7, strings: 8 } as const;

export interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly f?: number;
  readonly i?: number;
  readonly s?: Uint8Array;
  readonly t?: Tensor;
  readonly g?: Graph;
  readonly floats?: readonly number[];
  readonly ints?: readonly number[];
  readonly strings?: readonly Uint8Array[];
}

/** A whole number, whole numbers, a text, texts, a body, a tensor; `{ f }` and `{ floats }` for fractions. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | Graph
  | Tensor
  | { readonly f: number }
  | { readonly floats: readonly number[] };

export interface Node {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name: string;
  readonly opType: string;
  readonly attribute: readonly Attribute[];
  /** Absent for the operators of ONNX itself. */
  readonly domain?: string;
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

const utf8 = new TextEncoder();

export function attribute(name: string, value: AttributeValue): Attribute {
  if (typeof value === "number") return { name, type: ATTRIBUTE.i, i: value };
  if (typeof value === "string") return { name, type: ATTRIBUTE.s, s: utf8.encode(value) };
  if ("f" in value) return { name, type: ATTRIBUTE.f, f: value.f };
  if ("floats" in value) return { name, type: ATTRIBUTE.floats, floats: value.floats };
  if ("node" in value) return { name, type: ATTRIBUTE.g, g: value };
  if ("dataType" in value) return { name, type: ATTRIBUTE.t, t: value };
  const list = value as readonly (number | string)[];
  return typeof list[0] === "string"
    ? { name, type: ATTRIBUTE.strings, strings: list.map((text) => utf8.encode(String(text))) }
    : { name, type: ATTRIBUTE.ints, ints: list as readonly number[] };
}

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

/** A tensor as another program wrote it: its numbers stand in one of these. */
export interface ForeignTensor extends Partial<Tensor> {
  readonly floatData?: Uint8Array;
  readonly int32Data?: Uint8Array;
  readonly int64Data?: Uint8Array;
  readonly doubleData?: Uint8Array;
  readonly uint64Data?: Uint8Array;
  /** 1: in another file. */
  readonly dataLocation?: number;
}

export interface ForeignAttribute extends Omit<Attribute, "t" | "g"> {
  readonly t?: ForeignTensor;
  readonly g?: ForeignGraph;
}

export interface ForeignNode extends Partial<Omit<Node, "attribute" | "input" | "output">> {
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly ForeignAttribute[];
}

export interface ForeignGraph {
  readonly name?: string;
  readonly node: readonly ForeignNode[];
  readonly initializer: readonly ForeignTensor[];
  readonly input: readonly ValueInfo[];
  readonly output: readonly ValueInfo[];
}

/** A model that we did not write: what its writer did not set is absent. */
export interface ForeignModel {
  readonly graph?: ForeignGraph;
  readonly opsetImport: readonly { readonly domain?: string; readonly version?: number }[];
}

/** @throws Error as `decodeModel` does */
export function decodeForeignModel(bytes: Uint8Array): ForeignModel {
  return modelType.toObject(modelType.decode(bytes), {
    longs: Number,
    arrays: true,
  }) as unknown as ForeignModel;
}
