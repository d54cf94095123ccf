/**
 * The assignment of rows to columns with the smallest total cost: the Hungarian method with potentials (Kuhn 1955, Munkres 1957), O(n³).
 * @param cost rectangular, finite; the shorter side is assigned completely
 * @returns column of every row, or −1 for rows that are left over
 */
export function optimalAssignment(cost: readonly (readonly number[])[]): number[] {
  const rows = cost.length;
  const columns = cost[0]?.length ?? 0;
  const size = Math.max(rows, columns);
  // Rows and columns count from 1; 0 is the virtual start of an augmenting path. Cells outside the table cost nothing.
  const at = (row: number, column: number): number => cost[row - 1]?.[column - 1] ?? 0;
  const rowPotential = new Float64Array(size + 1);
  const columnPotential = new Float64Array(size + 1);
  const rowOf = new Int32Array(size + 1);
  for (let row = 1; row <= size; row++) {
    const previous = new Int32Array(size + 1);
    const slack = new Float64Array(size + 1).fill(Number.POSITIVE_INFINITY);
    const visited = new Uint8Array(size + 1);
    let column = 0;
    rowOf[0] = row;
    do {
      visited[column] = 1;
      const current = rowOf[column]!;
      let [delta, next] = [Number.POSITIVE_INFINITY, 0];
      for (let j = 1; j <= size; j++) {
        if (visited[j]) continue;
        const reduced = at(current, j) - rowPotential[current]! - columnPotential[j]!;
        if (reduced < slack[j]!) {
          slack[j] = reduced;
          previous[j] = column;
        }
        if (slack[j]! < delta) [delta, next] = [slack[j]!, j];
      }
      for (let j = 0; j <= size; j++) {
        if (visited[j]) {
          rowPotential[rowOf[j]!]! += delta;
          columnPotential[j]! -= delta;
        } else {
          slack[j]! -= delta;
        }
      }
      column = next;
    } while (rowOf[column] !== 0);
    while (column !== 0) {
      rowOf[column] = rowOf[previous[column]!]!;
      column = previous[column]!;
    }
  }
  const columnOf = new Array<number>(rows).fill(-1);
  for (let j = 1; j <= columns; j++) if (rowOf[j]! <= rows) columnOf[rowOf[j]! - 1] = j - 1;
  return columnOf;
}
