// Inside a network of its own, which reaches nothing: passes connections on to the proxy outside by a socket file, and runs a command meanwhile.
// node relay.mjs SOCKET COMMAND ARG…
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";

const [socket, command, ...args] = process.argv.slice(2);
const relay = createServer((from) => {
  const to = connect(socket);
  from.pipe(to).pipe(from);
  from.on("error", () => to.destroy());
  to.on("error", () => from.destroy());
});
relay.listen(0, "127.0.0.1", () => {
  const proxy = `http://127.0.0.1:${relay.address().port}`;
  const child = spawn(command, args, {
    stdio: "inherit",
    env: { ...process.env, HTTPS_PROXY: proxy, HTTP_PROXY: proxy },
  });
  child.on("error", (error) => {
    console.error(String(error));
    process.exit(127);
  });
  child.on("exit", (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
});
