import { z } from "zod";
import { EtsBankExpert } from "./ets-bank/model.js";
import { LinearExpert } from "./linear/model.js";
import { OnnxExpert } from "./onnx/model.js";
import { ThetaExpert } from "./theta/model.js";
import { TreesExpert } from "./trees/model.js";

/** A fitted expert as it stands in `model.json`. */
export const Expert = z.discriminatedUnion("kind", [
  LinearExpert,
  EtsBankExpert,
  ThetaExpert,
  TreesExpert,
  OnnxExpert,
]);
export type Expert = z.infer<typeof Expert>;
