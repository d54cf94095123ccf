import { createServer } from "node:net";
import { StartProblem } from "./problem.js";

export const LOOPBACK = "127.0.0.1";

/** Resolves with the port that was bound, which is free again; `port` 0 is any. */
function bindOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: LOOPBACK, port, exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

/**
 * A port on loopback that nothing listens on. Another program may take it before it is used.
 * @param wanted 0 for any
 * @throws StartProblem when it is taken, or not allowed
 */
export async function freePort(wanted: number): Promise<number> {
  try {
    return await bindOnce(wanted);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE")
      throw new StartProblem(
        `port ${wanted} of ${LOOPBACK} is taken by another program`,
        "choose another with --port N, or any free one with --port 0",
      );
    if (code === "EACCES")
      throw new StartProblem(
        `port ${wanted} needs the rights of root`,
        "choose one from 1024 on with --port N",
      );
    throw error;
  }
}
