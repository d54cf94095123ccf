/** Old enough for onnxruntime 1.6 (December 2020), new enough for Clip, Max and Where on double. */
export const OPSET = 13;
/** Tree ensembles on double (March 2022). */
export const ML_OPSET = 3;
export const IR_VERSION = 7;
