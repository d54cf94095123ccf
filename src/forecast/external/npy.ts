/** Version 1.0 of numpy's file format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0];
/** The numbers start at a multiple of this. */
const ALIGNMENT = 64;

/** A `.npy` file, row-major. */
export function npyFile(values: Float32Array | BigInt64Array, shape: readonly number[]): Uint8Array {
  const type = values instanceof Float32Array ? "<f4" : "<i8";
  const sizes = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': ${sizes}, }`;
  const prefix = MAGIC.length + 2;
  const offset = Math.ceil((prefix + header.length + 1) / ALIGNMENT) * ALIGNMENT;
  const width = values.BYTES_PER_ELEMENT;
  const file = new Uint8Array(offset + values.length * width);
  file.set(MAGIC);
  const view = new DataView(file.buffer);
  view.setUint16(MAGIC.length, offset - prefix, true);
  file.set(new TextEncoder().encode(`${header.padEnd(offset - prefix - 1)}\n`), prefix);
  values.forEach((value: number | bigint, index: number) => {
    const at = offset + index * width;
    if (typeof value === "bigint") view.setBigInt64(at, value, true);
    else view.setFloat32(at, value, true);
  });
  return file;
}
