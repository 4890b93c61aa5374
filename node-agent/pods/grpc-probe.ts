// One question to a server's health service: grpc.health.v1.Health/Check over plain HTTP/2, as the kubelet asks it.
// Source: gRPC "Health Checking Protocol" and "gRPC over HTTP2".

import { type ClientHttp2Session, connect, constants } from "node:http2";

const serving = 1;
const statusWords = ["UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"];
/** An answer is a few bytes; more is none. */
const maxAnswerBytes = 4096;

export interface GrpcTarget {
  readonly host: string;
  readonly port: number;
  /** What the server knows it by; empty asks for the server as a whole. */
  readonly service: string;
}

/** Calls back once, with nothing when it is healthy, else with why not. Returns what ends the call early. */
export function askGrpcHealth(
  { host, port, service }: GrpcTarget,
  told: (problem: string | undefined) => void,
): () => void {
  const session: ClientHttp2Session = connect(`http://${host}:${port}`);
  session.on("error", (error) => told(error.message));
  // A stream that never was says only that its connection is not there.
  const failed = (error: Error): void =>
    told(error.cause instanceof Error ? error.cause.message : error.message);
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: "POST",
    [constants.HTTP2_HEADER_PATH]: "/grpc.health.v1.Health/Check",
    [constants.HTTP2_HEADER_CONTENT_TYPE]: "application/grpc",
    [constants.HTTP2_HEADER_TE]: "trailers",
    [constants.HTTP2_HEADER_USER_AGENT]: "berth-probe/1.0",
  });
  let answer = Buffer.alloc(0);
  let status: string | undefined;
  let words = "";
  const read = (headers: Readonly<Record<string, unknown>>): void => {
    if (headers["grpc-status"] !== undefined) status = String(headers["grpc-status"]);
    if (headers["grpc-message"] !== undefined) words = String(headers["grpc-message"]);
  };
  stream.on("response", read);
  stream.on("trailers", read);
  stream.on("data", (chunk: Buffer) => {
    if (answer.length < maxAnswerBytes) answer = Buffer.concat([answer, chunk]);
  });
  stream.on("error", failed);
  stream.on("close", () => told(verdict(status, words, answer)));
  stream.end(request(service));
  return () => session.destroy();
}

/** A message behind its length: HealthCheckRequest { string service = 1 }. */
function request(service: string): Buffer {
  const name = Buffer.from(service, "utf8").subarray(0, 127);
  const message =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function verdict(status: string | undefined, words: string, answer: Buffer): string | undefined {
  if (status === undefined) return "the server speaks no gRPC";
  if (status !== "0") return `gRPC status ${status}${words === "" ? "" : `: ${words}`}`;
  // HealthCheckResponse { ServingStatus status = 1 }: one byte of a key, one of a value.
  const known = answer[5] === 0x08 ? (answer[6] ?? 0) : 0;
  if (known === serving) return undefined;
  return `service unhealthy (responded with "${statusWords[known] ?? known}")`;
}
