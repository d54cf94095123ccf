/** Why a graph of another program cannot become a part of ours, in words for its author. */
export class UnusableGraph extends Error {
  override readonly name = "UnusableGraph";
}
